import { expect, test } from 'vitest';
import { findSecrets } from '../support/open-scene.ts';
import { useAdmin } from './open-admin.ts';

const scene = useAdmin();

type Json = Record<string, Record<string, unknown>>;

async function readStatus(): Promise<Json> {
  const { status, headers, text } = await scene.ask('/status.json');
  expect([status, headers['content-type']]).toEqual([200, 'application/json']);
  return JSON.parse(text) as Json;
}

test('what is counted since the start is in totals, and since the last look in recent', async () => {
  const { feed } = scene;
  const before = await readStatus();
  expect(before['totals']).toMatchObject({ requests: 0 });
  feed.nowMs += 10_000;
  feed.feed(40);
  feed.feed(10, { status: 503, s3ErrorCode: 'SlowDown', attempts: 2, causes: ['503 SlowDown'], bytes: 0 });
  feed.feedBroken(2, 'malformed_request');
  const counts = {
    requests: 50,
    bytes: 40_000,
    outcomes: { ok: 40, s3: 10, credentials: 0, denied: 0, s3_4xx: 0, refused: 0, left: 0, daemon: 0 },
    reasons: { ok: { '2xx': 40 }, s3: { SlowDown: 10 } },
    failures: {},
    statuses: { '200': 40, '503': 10 },
    attempts: 60,
    retries: 10,
    retry_causes: { SlowDown: 10 },
    broken_requests: 2,
  };
  const status = await readStatus();
  expect(status['totals']).toMatchObject(counts);
  expect(status['recent']).toMatchObject({
    ...counts,
    seconds: 10,
    requests_per_second: 5,
    bytes_per_second: 4000,
    first_byte_ms: { p50: expect.closeTo(20) as number },
  });
  expect(status['verdict']).toMatchObject({ severity: 'error', party: 's3' });
});

test('each route has its own figures', async () => {
  const { feed } = scene;
  await readStatus();
  feed.nowMs += 5000;
  feed.feed(10, { route: '/avod/', bucket: 'advertisements' });
  feed.feed(5, { status: 404, s3ErrorCode: 'NoSuchKey' });
  const { routes } = await readStatus();
  expect(routes).toMatchObject([
    { path: '/avod/', bucket: 'advertisements', requests: 10, requests_per_second: 2, recent_ok: 10 },
    { path: '/', bucket: 'media', region: 'eu-west-1', requests: 5, recent_requests: 5, recent_ok: 0 },
  ]);
});

test('the life of the credentials is by S3’s clock', async () => {
  const { feed } = scene;
  feed.clockOffsetMs = 600_000;
  feed.credentials = [feed.createCredentials({ expiresAtMs: feed.nowMs + 900_000 })];
  const { credentials } = await readStatus();
  expect(credentials).toEqual([
    {
      source: 'instance metadata (IMDSv2)',
      key_id: '…WXYZ',
      expires_at: new Date(feed.nowMs + 900_000).toISOString(),
      expires_in_seconds: 300,
      is_degraded: false,
      refreshes: 1,
      failures: 0,
      last_refresh_at: new Date(feed.nowMs - 60_000).toISOString(),
      last_error: null,
      routes: ['/avod/', '/'],
    },
  ]);
});

test('failures are told with the ids that support asks for, the newest first', async () => {
  scene.feed.feed(1, {
    status: 503,
    s3ErrorCode: 'SlowDown',
    s3Status: 503,
    s3RequestId: 'TX1',
    s3HostId: 'host',
  });
  scene.feed.feed(60, { failure: 's3_first_byte_timeout', status: 504, cause: 'no head' }, 6000);
  const { last_failures: failures } = await readStatus();
  expect(failures).toHaveLength(50);
  expect(failures).toMatchObject(
    Array.from({ length: 50 }, () => ({ failure: 's3_first_byte_timeout', status: 504, cause: 'no head' })),
  );
});

test('there is no secret in anything that is answered', async () => {
  scene.feed.feed(3, { status: 403, s3ErrorCode: 'AccessDenied' });
  for (const path of ['/', '/status.json', '/history.json', '/metrics', '/readyz']) {
    expect([path, findSecrets((await scene.ask(path)).text)]).toEqual([path, []]);
  }
});

test('/metrics is what the telemetry writes, in the form that is asked for', async () => {
  scene.feed.feed(7);
  const plain = await scene.ask('/metrics');
  expect(plain.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(plain.text).toMatch(/^s3_helper_requests_total\{.*route="\/".*\} 7$/m);
  const open = await scene.ask('/metrics', {
    headers: { accept: 'application/openmetrics-text; version=1.0.0' },
  });
  expect(open.headers['content-type']).toMatch(/^application\/openmetrics-text/);
  expect(open.text).toMatch(/# EOF\n$/);
});

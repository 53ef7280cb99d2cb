import { describe, expect, test } from 'vitest';
import { findSecrets, useScene } from '../support/open-scene.ts';
import { waitUntil } from '../support/with-deadline.ts';

const scene = useScene({
  accessLog: true,
  settings: { 'log.ident': 'the-ident', 'timeouts.body_stall': '300ms', 'timeouts.first_byte': '300ms' },
  routes: '[{path: /avod/, bucket: media, prefix: ads}]',
});

/** The log line of the only request so far. */
async function onlyLine(): Promise<Record<string, unknown>> {
  await scene.proxy.nextReport();
  expect(scene.proxy.logLines).toHaveLength(1);
  return scene.proxy.logLines[0]!;
}

test('A line has all that is known of the request, under documented names.', async () => {
  scene.s3.put('ads/spot 1.mp4', '0123456789');
  await scene.ask('/avod/spot%201.mp4', { headers: { Range: 'bytes=2-5' } });
  const line = await onlyLine();
  expect(line).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
    name: 'the-ident',
    pid: process.pid,
    msg: 'request',
    request_id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-z]+$/) as string,
    method: 'GET',
    key: 'spot 1.mp4',
    route: '/avod/',
    bucket: 'media',
    range: 'bytes=2-5',
    status: 206,
    bytes: 4,
    first_byte_ms: expect.any(Number) as number,
    total_ms: expect.any(Number) as number,
    attempts: 1,
    s3_status: 206,
    s3_request_id: expect.stringMatching(/^[0-9A-F]{16}$/) as string,
    s3_host_id: expect.any(String) as string,
  });
  expect(line['total_ms']).toBeGreaterThanOrEqual(line['first_byte_ms'] as number);
});

describe('The level says whose business it is:', () => {
  test.each([
    ['info', '/a', 200],
    ['info', '/missing', 404],
    ['info', '/../a', 400],
    ['info', '/', 404],
  ])('%s for GET %s, %i', async (level, target, status) => {
    scene.s3.put('a', 'object');
    await scene.ask(target);
    expect(await onlyLine()).toMatchObject({ level, status });
  });

  test.each([
    ['warn', 400, 'InvalidRequest'],
    ['warn', 401, 'Unauthorized'],
    ['warn', 403, 'AccessDenied'],
    ['info', 412, 'PreconditionFailed'],
    ['info', 416, 'InvalidRange'],
    ['error', 500, 'InternalError'],
    ['error', 503, 'SlowDown'],
  ])("%s for S3's %i %s", async (level, status, code) => {
    scene.s3.inject({ kind: 'status', status, code }, { times: Infinity });
    await scene.ask('/a');
    expect(await onlyLine()).toMatchObject({ level, status, s3_status: status, s3_error_code: code });
  });

  test('warn for a Host that is not served', async () => {
    await scene.ask('/a', { headers: { Host: 'evil.example' } });
    expect(await onlyLine()).toMatchObject({ level: 'warn', status: 421, failure: 'host_not_allowed' });
  });

  test.each([
    ['error', { kind: 'reset', at: 'before-head' }, 502, 's3_reset'],
    ['error', { kind: 'stall', at: 'before-head' }, 504, 's3_first_byte_timeout'],
    ['error', { kind: 'finish', at: 3 }, 200, 'body_cut'],
    ['error', { kind: 'redirect', status: 301 }, 502, 's3_redirect'],
  ] as const)('%s for a failure of S3 (%j)', async (level, fault, status, failure) => {
    scene.s3.put('a', 'object');
    scene.s3.inject(fault);
    await scene.ask('/a').catch(() => undefined);
    expect(await onlyLine()).toMatchObject({ level, status, failure });
  });

  test('info for a client that left', async () => {
    scene.s3.inject({ kind: 'stall', at: 'before-head' });
    const connection = scene.connect().get('/a');
    await scene.s3.waitFor(() => scene.s3.seen[0]?.state === 'stalled', 'the question');
    connection.destroy();
    expect(await onlyLine()).toMatchObject({ level: 'info', status: 499, failure: 'client_gone' });
  });
});

test('What lay behind a failure is said by its code.', async () => {
  scene.s3.inject({ kind: 'reset', at: 'before-head' });
  await scene.ask('/a');
  expect(await onlyLine()).toMatchObject({ failure: 's3_reset', cause: expect.any(String) as string });
});

test('The id in the line is the one in the body that the client got.', async () => {
  const answer = await scene.ask('/missing');
  expect(answer.text).toContain(`<RequestId>${String((await onlyLine())['request_id'])}</RequestId>`);
});

test('A key cannot forge a line, or hide in one.', async () => {
  await scene.ask('/a%0A%7B%22level%22:%22error%22%7D%1b[31m');
  expect(await onlyLine()).toMatchObject({ level: 'info', key: 'a\n{"level":"error"}\u001b[31m' });
});

test('A key that is no UTF-8 is logged as it was encoded.', async () => {
  await scene.ask('/a%FF');
  expect(await onlyLine()).toMatchObject({ key: 'a%FF', status: 400 });
});

test('Many requests have one line each, whatever becomes of them.', async () => {
  scene.s3.put('a', { size: 200_000 });
  scene.s3.inject({ kind: 'finish', at: 1_000 }, { key: 'a', nth: 3, times: 5 });
  await Promise.all(Array.from({ length: 30 }, (_, index) => scene.ask(index % 2 === 0 ? '/a' : '/missing')));
  await waitUntil(() => scene.proxy.reports.length === 30, 'all reports');
  expect(scene.proxy.logLines).toHaveLength(30);
  expect(new Set(scene.proxy.logLines.map((line) => line['request_id'])).size).toBe(30);
});

test('What is no request has a line of its own.', async () => {
  const connection = scene.connect().send('nonsense\r\n\r\n');
  await connection.untilClosed();
  expect(scene.proxy.logLines).toMatchObject([
    { level: 'info', failure: 'malformed_request', msg: 'not a request' },
  ]);
});

test('No line has a secret, even if the client sends it back to us or S3 echoes it.', async () => {
  scene.s3.put('a', 'object');
  const { sessionToken = '', secretAccessKey } = scene.s3.credentials[0]!;
  await scene.ask('/a', {
    headers: { Authorization: secretAccessKey, 'X-Amz-Security-Token': sessionToken, Cookie: sessionToken },
  });
  await scene.ask(
    `/a?X-Amz-Signature=Signature=01234567&X-Amz-Security-Token=${encodeURIComponent(sessionToken)}`,
  );
  scene.s3.inject({
    kind: 'status',
    status: 403,
    code: 'SignatureDoesNotMatch',
    details: { CanonicalRequest: sessionToken },
  });
  await scene.ask('/a');
  for (let index = 0; index < 3; index += 1) await scene.proxy.nextReport();
  expect(scene.proxy.logLines).toHaveLength(3);
  expect(findSecrets(JSON.stringify(scene.proxy.logLines))).toEqual([]);
});

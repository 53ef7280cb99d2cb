import { expect, onTestFinished, test } from 'vitest';
import { FAKE_CREDENTIAL, type FakeS3, startFakeS3 } from '../servers/fake-s3.ts';
import { sendRequest } from '../support/send-request.ts';
import { startProxy, type TestProxy } from '../support/start-proxy.ts';

const HOUR_MS = 3_600_000;

async function start(clockOffsetMs: number): Promise<{ s3: FakeS3; proxy: TestProxy }> {
  const s3 = await startFakeS3({ clockOffsetMs });
  s3.put('clip', 'the bytes of the clip');
  const proxy = await startProxy({
    settings: { 's3.bucket': s3.bucket, 's3.region': s3.region, 's3.endpoint': s3.endpoint },
    credentials: FAKE_CREDENTIAL,
  });
  onTestFinished(async () => {
    await proxy.close();
    await s3.close();
  });
  return { s3, proxy };
}

test.each([2, -2, 24])('a clock that is %i hours off is learned from S3, once, and kept', async (hours) => {
  const { s3, proxy } = await start(hours * HOUR_MS);
  expect(await sendRequest(proxy.port, '/clip')).toMatchObject({
    status: 200,
    text: 'the bytes of the clip',
  });
  expect(await proxy.nextReport()).toMatchObject({ attempts: 2, failure: undefined });
  expect(await sendRequest(proxy.port, '/clip')).toMatchObject({ status: 200 });
  expect(await proxy.nextReport()).toMatchObject({ attempts: 1 });
  expect(s3.seen.map(({ verdict }) => verdict.ok)).toEqual([false, true, true]);
  expect(Math.abs(proxy.clock.offsetMs - hours * HOUR_MS)).toBeLessThan(5000);
});

test('a HEAD, whose refusal has no code, is cured by the Date of the refusal', async () => {
  const { proxy } = await start(2 * HOUR_MS);
  expect(await sendRequest(proxy.port, '/clip', { method: 'HEAD' })).toMatchObject({ status: 200 });
});

test('a clock that is put right again afterwards is learned again', async () => {
  const { s3, proxy } = await start(2 * HOUR_MS);
  await sendRequest(proxy.port, '/clip');
  s3.clock.offsetMs = 0;
  expect(await sendRequest(proxy.port, '/clip')).toMatchObject({ status: 200 });
  expect(Math.abs(proxy.clock.offsetMs)).toBeLessThan(5000);
});

test('a clock that is right is left alone by a 403, and so is one that S3 does not mind', async () => {
  const { s3, proxy } = await start(3 * 60_000);
  s3.inject({ kind: 'status', status: 403, code: 'AccessDenied' });
  expect(await sendRequest(proxy.port, '/clip')).toMatchObject({ status: 403 });
  expect(s3.seen.length).toBe(1);
  expect(proxy.clock.offsetMs).toBe(0);
});

test('a Date that is none, or that keeps changing, causes no endless signing', async () => {
  const { s3, proxy } = await start(0);
  const refusal = { kind: 'status', status: 403, code: 'RequestTimeTooSkewed' } as const;
  s3.inject({ ...refusal, headers: { Date: 'yesterday' } });
  expect(await sendRequest(proxy.port, '/clip')).toMatchObject({ status: 403 });
  expect(s3.seen.length).toBe(1);
  for (const days of [1, 2, 3, 4]) {
    s3.inject({ ...refusal, headers: { Date: new Date(Date.now() + days * 24 * HOUR_MS).toUTCString() } });
  }
  s3.seen.length = 0;
  await sendRequest(proxy.port, '/clip');
  expect(s3.seen.length).toBeLessThanOrEqual(3);
});

test('over plain HTTP from another machine no Date sets the clock', async () => {
  const { s3, proxy } = await start(2 * HOUR_MS);
  // The name is not this machine to the daemon, though the lookup leads here.
  const foreign = await startProxy({
    settings: {
      's3.bucket': s3.bucket,
      's3.region': s3.region,
      's3.endpoint': `http://s3.example:${s3.port}`,
      's3.path_style': 'true',
    },
    credentials: FAKE_CREDENTIAL,
    lookup: (_name, _options, callback) => {
      callback(null, [{ address: '127.0.0.1', family: 4 }]);
    },
  });
  onTestFinished(() => foreign.close());
  expect(await sendRequest(foreign.port, '/clip')).toMatchObject({ status: 403 });
  expect(foreign.clock.offsetMs).toBe(0);
  expect(proxy.clock.offsetMs).toBe(0);
});

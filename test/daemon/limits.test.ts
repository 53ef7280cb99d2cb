import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { FAKE_CREDENTIAL, type FakeS3, startFakeS3 } from '../servers/fake-s3.ts';
import { sendRequest } from '../support/send-request.ts';
import { startProxy, type TestProxy } from '../support/start-proxy.ts';

async function start(settings: Record<string, string>): Promise<{ s3: FakeS3; proxy: TestProxy }> {
  const s3 = await startFakeS3();
  s3.put('clip', 'the bytes of the clip');
  const proxy = await startProxy({
    settings: { 's3.bucket': s3.bucket, 's3.region': s3.region, 's3.endpoint': s3.endpoint, ...settings },
    credentials: FAKE_CREDENTIAL,
  });
  onTestFinished(async () => {
    await proxy.close();
    await s3.close();
  });
  return { s3, proxy };
}

test('over limits.max_requests a request waits its turn, and is served when one ends', async () => {
  const { s3, proxy } = await start({ 'limits.max_requests': '2', 'limits.queue_time': '5s' });
  s3.inject({ kind: 'stall', at: 'before-head' }, { times: 2 });
  const first = [sendRequest(proxy.port, '/clip'), sendRequest(proxy.port, '/clip')];
  await s3.waitFor(() => s3.seen.length === 2, 'two requests at S3');
  const waiting = [sendRequest(proxy.port, '/clip'), sendRequest(proxy.port, '/clip')];
  await expect(
    Promise.race([...waiting, new Promise((resolve) => setTimeout(resolve, 100, 'waiting'))]),
  ).resolves.toBe('waiting');
  expect(s3.seen.length).toBe(2);
  s3.release();
  const answers = await Promise.all([...first, ...waiting]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
});

test('over the queue a request is refused quickly with 503 and Retry-After, and so is one that has waited its time', async () => {
  const { s3, proxy } = await start({
    'limits.max_requests': '1',
    'limits.max_queued': '1',
    'limits.queue_time': '200ms',
  });
  s3.inject({ kind: 'stall', at: 'before-head' });
  const served = sendRequest(proxy.port, '/clip');
  await s3.waitFor(() => s3.seen.length === 1, 'a request at S3');
  const queued = sendRequest(proxy.port, '/clip');
  const startedAtMs = performance.now();
  const refused = await Promise.race([sendRequest(proxy.port, '/clip'), queued]);
  expect(refused.status).toBe(503);
  expect(refused.headers['retry-after']).toBe('1');
  expect(performance.now() - startedAtMs).toBeLessThan(150);
  expect((await queued).status).toBe(503);
  expect(s3.seen.length).toBe(1);
  s3.release();
  expect((await served).status).toBe(200);
  expect((await sendRequest(proxy.port, '/clip')).status).toBe(200);
  const failures = proxy.reports.map(({ failure }) => failure);
  expect(failures.filter((failure) => failure === 'overloaded')).toHaveLength(2);
});

test('a client that leaves the queue gives its place up, and slots of clients that left are free again', async () => {
  const { s3, proxy } = await start({ 'limits.max_requests': '1', 'limits.queue_time': '10s' });
  s3.inject({ kind: 'stall', at: 'before-head' }, { times: 2 });
  const leaver = connect(proxy.port, '127.0.0.1', () =>
    leaver.write('GET /clip HTTP/1.1\r\nHost: a\r\n\r\n'),
  );
  await s3.waitFor(() => s3.seen.length === 1, 'the first request');
  const queuedLeaver = connect(proxy.port, '127.0.0.1', () =>
    queuedLeaver.write('GET /clip HTTP/1.1\r\nHost: a\r\n\r\n'),
  );
  await new Promise((resolve) => setTimeout(resolve, 50));
  queuedLeaver.destroy();
  leaver.destroy();
  expect(await proxy.nextReport()).toMatchObject({ failure: 'client_gone' });
  expect(await proxy.nextReport()).toMatchObject({ failure: 'client_gone' });
  s3.clearFaults();
  expect((await sendRequest(proxy.port, '/clip')).status).toBe(200);
  expect(s3.seen.length).toBe(2);
});

test('a client that stops reading is cut after timeouts.client_stall, and its connection to S3 is freed', async () => {
  const { s3, proxy } = await start({ 'timeouts.client_stall': '300ms' });
  s3.put('long', { size: 200_000_000 });
  const client = connect(proxy.port, '127.0.0.1', () =>
    client.write('GET /long HTTP/1.1\r\nHost: a\r\n\r\n'),
  );
  client.pause();
  client.on('error', () => undefined);
  expect(await proxy.nextReport()).toMatchObject({ status: 200, failure: 'client_stall' });
  await s3.waitFor(() => s3.openConnections() === 0, 'the connection to be freed');
  client.destroy();
});

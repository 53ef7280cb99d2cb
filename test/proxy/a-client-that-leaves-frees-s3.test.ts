import { describe, expect, test } from 'vitest';
import type { Connection } from '../support/connection.ts';
import { useScene } from '../support/open-scene.ts';
import { untilStill } from '../support/until-still.ts';
import { waitUntil } from '../support/with-deadline.ts';

const scene = useScene();

/** Ways for a client to leave. */
const WAYS: readonly (readonly [string, (connection: Connection) => void])[] = [
  ['closes', (connection) => connection.destroy()],
  ['resets', (connection) => connection.reset()],
  ['ends its side, as a client that was killed does', (connection) => connection.finish()],
];

async function expectFree(): Promise<void> {
  await scene.s3.waitFor(() => scene.s3.openConnections() === 0, "the end of S3's connection");
  scene.s3.put('next', 'next');
  expect(await scene.ask('/next')).toMatchObject({ status: 200, text: 'next' });
}

describe.each(WAYS)('A client that %s', (_, leave) => {
  test.each(['GET', 'HEAD'])("in the wait for S3's head (%s) is noted, and S3 is freed.", async (method) => {
    scene.s3.put('a', 'object');
    scene.s3.inject({ kind: 'stall', at: 'before-head' });
    const connection = scene.connect().send(`${method} /a HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await scene.s3.waitFor(() => scene.s3.seen[0]?.state === 'stalled', 'the question');
    leave(connection);
    expect(await scene.proxy.nextReport()).toMatchObject({
      status: 499,
      failure: 'client_gone',
      bytes: 0,
      attempts: 1,
    });
    await expectFree();
  });

  test('between the head and the first byte is noted, and S3 is freed.', async () => {
    scene.s3.put('a', 'object');
    scene.s3.inject({ kind: 'stall', at: 0 });
    const connection = scene.connect().get('/a');
    await scene.s3.waitFor(() => scene.s3.seen[0]?.state === 'stalled', 'the head');
    leave(connection);
    expect(await scene.proxy.nextReport()).toMatchObject({ failure: 'client_gone', bytes: 0 });
    await expectFree();
  });

  test('in a body that S3 is sending is noted, and S3 is freed.', async () => {
    scene.s3.put('a', { size: 500_000_000 });
    const connection = scene.connect().get('/a');
    await connection.until(() => connection.receivedBytes > 1_000_000, 'the first megabyte');
    leave(connection);
    const report = await scene.proxy.nextReport();
    expect(report).toMatchObject({ status: 200, failure: 'client_gone' });
    expect(report.bytes).toBeLessThan(500_000_000);
    await expectFree();
    expect(scene.s3.seen[0]!.state).toBe('abandoned');
  });

  test('in a body in which S3 has stopped is noted, and S3 is freed.', async () => {
    scene.s3.put('a', { size: 300_000 });
    scene.s3.inject({ kind: 'stall', at: 100_000 });
    const connection = scene.connect().get('/a');
    await connection.until(() => connection.receivedBytes > 100_000, 'the first part');
    leave(connection);
    expect(await scene.proxy.nextReport()).toMatchObject({ status: 200, failure: 'client_gone' });
    await expectFree();
  });

  test("in the middle of S3's error is noted.", async () => {
    scene.s3.inject({
      kind: 'raw',
      bytes: 'HTTP/1.1 404 Not Found\r\nContent-Length: 99\r\n\r\n<Error>',
      then: 'stall',
    });
    const connection = scene.connect().get('/a');
    await scene.s3.waitFor(() => scene.s3.seen[0]?.state === 'stalled', 'the error');
    leave(connection);
    expect(await scene.proxy.nextReport()).toMatchObject({ status: 499, failure: 'client_gone', bytes: 0 });
    await expectFree();
  });
});

test('A client that leaves while it reads nothing is noted as soon as it is gone.', async () => {
  scene.s3.put('a', { size: 500_000_000 });
  const connection = scene.connect().get('/a');
  connection.socket.pause();
  await untilStill(() => scene.s3.seen[0]?.bodyBytesSent ?? 0, 200);
  connection.reset();
  expect(await scene.proxy.nextReport()).toMatchObject({ status: 200, failure: 'client_gone' });
  await expectFree();
});

test('A client that leaves in its own request head leaves nothing.', async () => {
  const connection = scene.connect().send('GET /a HTTP/1.1\r\nHo');
  await waitUntil(() => connection.socket.bytesWritten > 0, 'the half head');
  connection.destroy();
  scene.s3.put('a', 'object');
  expect(await scene.ask('/a')).toMatchObject({ status: 200 });
  expect(scene.proxy.reports).toHaveLength(1);
});

test('A client that leaves after the last byte was served, and is not one that left.', async () => {
  scene.s3.put('a', 'object');
  const connection = scene.connect().get('/a');
  await connection.readResponse();
  connection.reset();
  expect(await scene.proxy.nextReport()).toMatchObject({ status: 200, failure: undefined });
  expect(scene.s3.openConnections()).toBe(1);
});

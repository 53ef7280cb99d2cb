import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { useScene } from '../support/open-scene.ts';
import { sendRequest } from '../support/send-request.ts';
import { HELD_BYTES, startHeldDownload } from '../support/start-held-download.ts';
import { withDeadline } from '../support/with-deadline.ts';

const scene = useScene();

const LONG_MS = 10_000;

function startDownload() {
  return startHeldDownload(scene.s3, scene.connect());
}

test('With nothing in flight it is over at once.', async () => {
  expect(await withDeadline(scene.proxy.daemon.drain(LONG_MS), 'the drain', 1_000)).toBe(0);
});

test('A running download comes whole, and only then the drain is over.', async () => {
  const connection = await startDownload();
  let isOver = false;
  const drained = scene.proxy.daemon.drain(LONG_MS).then((cutCount) => {
    isOver = true;
    return cutCount;
  });
  await expect(sendRequest(scene.proxy.port, '/big')).rejects.toThrow(/ECONNREFUSED/);
  expect(isOver).toBe(false);
  scene.s3.release();
  expect((await connection.readResponse()).body.length).toBe(HELD_BYTES);
  expect(await drained).toBe(0);
  expect(await connection.untilClosed()).toBe('fin');
  expect(await scene.proxy.nextReport()).toMatchObject({
    status: 200,
    bytes: HELD_BYTES,
    failure: undefined,
  });
  await scene.s3.waitFor(() => scene.s3.openConnections() === 0, "the end of S3's connections");
});

test('Idle connections are closed at once.', async () => {
  scene.s3.put('a', 'object');
  const idle = scene.connect().get('/a');
  await idle.readResponse();
  const download = await startDownload();
  const drained = scene.proxy.daemon.drain(LONG_MS);
  expect(await idle.untilClosed()).toBe('fin');
  scene.s3.release();
  await download.readResponse();
  expect(await drained).toBe(0);
});

test('An answer whose head was still to come says that the connection ends, and it does.', async () => {
  scene.s3.put('a', 'object');
  scene.s3.inject({ kind: 'stall', at: 'before-head' });
  // A second request that waits behind it is not served.
  const connection = scene.connect().get('/a').get('/a');
  await scene.s3.waitFor(() => scene.s3.seen[0]?.state === 'stalled', 'the question');
  const drained = scene.proxy.daemon.drain(LONG_MS);
  scene.s3.release();
  const response = await connection.readResponse();
  expect([response.text, response.header('connection')]).toEqual(['object', 'close']);
  expect(await connection.untilClosed()).toBe('fin');
  expect([connection.received.length, await drained, scene.s3.seen.length]).toEqual([0, 0, 1]);
});

describe('At the deadline', () => {
  test('what is still running is cut, counted and named.', async () => {
    const downloads = [await startDownload(), await startDownload()];
    const startedAt = performance.now();
    expect(await scene.proxy.daemon.drain(200)).toBe(2);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    for (const connection of downloads) {
      await connection.untilClosed();
      expect(connection.receivedBytes).toBeLessThan(HELD_BYTES);
      expect(await scene.proxy.nextReport()).toMatchObject({ status: 200, failure: 'drain_deadline' });
    }
    await scene.s3.waitFor(() => scene.s3.openConnections() === 0, "the end of S3's connections");
  });

  test('what has no head yet gets a 503.', async () => {
    scene.s3.inject({ kind: 'stall', at: 'before-head' });
    const connection = scene.connect().get('/a');
    await scene.s3.waitFor(() => scene.s3.seen[0]?.state === 'stalled', 'the question');
    expect(await scene.proxy.daemon.drain(50)).toBe(1);
    const response = await connection.readResponse();
    expect([response.status, response.header('connection'), response.header('retry-after')]).toEqual([
      503,
      'close',
      '1',
    ]);
    expect(await scene.proxy.nextReport()).toMatchObject({
      status: 503,
      failure: 'drain_deadline',
      attempts: 1,
    });
    await scene.s3.waitFor(() => scene.s3.openConnections() === 0, "the end of S3's connections");
  });

  test('a connection with half a head is closed.', async () => {
    const connection = scene.connect().send('GET /a HT');
    await startDownload();
    expect(await scene.proxy.daemon.drain(50)).toBe(1);
    await connection.untilClosed();
  });
});

test('A client that leaves during the drain does not hold it up.', async () => {
  const connection = await startDownload();
  const drained = scene.proxy.daemon.drain(LONG_MS);
  connection.destroy();
  expect(await withDeadline(drained, 'the drain', 2_000)).toBe(0);
  expect(await scene.proxy.nextReport()).toMatchObject({ failure: 'client_gone' });
});

test('A client that has just connected is answered, and its connection ends.', async () => {
  scene.s3.put('a', 'object');
  const connection = scene.connect();
  await once(connection.socket, 'connect');
  // Accepted by the daemon, too, as this one is answered that came after it.
  await scene.ask('/a');
  const drained = scene.proxy.daemon.drain(LONG_MS);
  const response = await connection.get('/a').readResponse();
  expect([response.status, response.header('connection')]).toEqual([200, 'close']);
  expect(await withDeadline(drained, 'the drain', 2_000)).toBe(0);
});

test('A client that connects and says nothing holds the drain up for a moment only.', async () => {
  const connection = scene.connect();
  await once(connection.socket, 'connect');
  await expect(scene.ask('/a')).resolves.toMatchObject({ status: 404 });
  expect(await withDeadline(scene.proxy.daemon.drain(LONG_MS), 'the drain', 2_000)).toBe(0);
  await connection.untilClosed();
});

import { describe, expect, test } from 'vitest';
import { useScene } from '../support/open-scene.ts';
import { untilStill } from '../support/until-still.ts';

const MIB = 2 ** 20;
/** What the kernel's buffers of two loopback connections and a few chunks can hold; measured: under 12 MiB. */
const MOST_HELD_BYTES = 32 * MIB;

describe('A client that stops reading', () => {
  const scene = useScene({ settings: { 'timeouts.body_stall': '300ms' } });

  test('holds S3 back, for longer than S3 itself may stall, and then gets all the rest.', async () => {
    const size = 64 * MIB;
    const { source } = scene.s3.put('a', { size });
    const connection = scene.connect().get('/a');
    await connection.until(() => connection.receivedBytes > 0, 'the first bytes');
    connection.socket.pause();
    const sent = await untilStill(() => scene.s3.seen[0]!.bodyBytesSent, 1_500);
    expect(sent).toBeLessThan(MOST_HELD_BYTES);
    expect([scene.proxy.reports, scene.s3.seen[0]!.state]).toEqual([[], 'answering']);

    connection.socket.resume();
    await connection.until(() => connection.receivedBytes > size, 'the rest');
    const { status, body } = await connection.readResponse();
    expect([status, body.length]).toEqual([200, size]);
    for (const at of [0, sent - 1000, sent, size - 1000]) {
      expect(body.subarray(at, at + 1000).equals(Buffer.from(source.read(at, 1000)))).toBe(true);
    }
    expect(await scene.proxy.nextReport()).toMatchObject({ status: 200, bytes: size, failure: undefined });
  });

  test('and goes on is still safe from an S3 that stalls after it.', async () => {
    scene.s3.put('a', { size: 40 * MIB });
    scene.s3.inject({ kind: 'stall', at: 32 * MIB });
    const connection = scene.connect().get('/a');
    await connection.until(() => connection.receivedBytes > 0, 'the first bytes');
    connection.socket.pause();
    await untilStill(() => scene.s3.seen[0]!.bodyBytesSent, 700);
    connection.socket.resume();
    await connection.untilClosed();
    expect(await scene.proxy.nextReport()).toMatchObject({ failure: 'body_stall' });
  });

  test('does not hold another one.', async () => {
    scene.s3.put('a', { size: 64 * MIB });
    scene.s3.put('b', { size: MIB });
    const held = scene.connect().get('/a');
    held.socket.pause();
    await untilStill(() => scene.s3.seen[0]?.bodyBytesSent ?? 0, 100);
    expect((await scene.ask('/b')).body.length).toBe(MIB);
  });
});

describe('S3 that drips', () => {
  const scene = useScene();

  test('is passed on as it comes: each piece is with the client before the next one is sent.', async () => {
    const pieces = ['first,', 'second,', 'third.'];
    scene.s3.put('a', pieces.join(''));
    scene.s3.inject({ kind: 'stall', at: 6 });
    const connection = scene.connect().get('/a');
    await connection.untilText('\r\n\r\nfirst,');
    expect(scene.s3.seen[0]!.state).toBe('stalled');
    scene.s3.release();
    expect((await connection.readResponse()).text).toBe('first,second,third.');
  });

  test('byte by byte comes whole.', async () => {
    scene.s3.put('a', 'object '.repeat(30));
    scene.s3.inject({ kind: 'drip', bytes: 1, everyMs: 1 });
    expect((await scene.ask('/a')).text).toBe('object '.repeat(30));
  });
});

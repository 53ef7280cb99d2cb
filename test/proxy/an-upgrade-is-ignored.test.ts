import { expect, test } from 'vitest';
import { useScene } from '../support/open-scene.ts';

const scene = useScene();

const UPGRADE = 'GET /a HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n';
const NEXT = 'GET /b HTTP/1.1\r\nHost: localhost\r\n\r\n';

test('A request that asks for another protocol is served as what it is, and its connection ends.', async () => {
  scene.s3.put('a', 'object');
  const connection = scene.connect().send(UPGRADE);
  const response = await connection.readResponse();
  expect([response.statusLine, response.text, response.header('connection')]).toEqual([
    'HTTP/1.1 200 OK',
    'object',
    'close',
  ]);
  expect(await connection.untilClosed()).toBe('fin');
});

// Node's parser drops what came in the same packet and would go on with what comes in the next.
test.each([0, 10, NEXT.length])(
  'What follows it is never read, wherever its packet ends: after %i bytes more.',
  async (length) => {
    scene.s3.put('a', 'object');
    scene.s3.put('b', 'another');
    scene.s3.inject({ kind: 'stall', at: 'before-head' }, { key: 'a' });
    const connection = scene.connect().send(UPGRADE + NEXT.slice(0, length));
    await scene.s3.waitFor(() => scene.s3.seen[0]?.state === 'stalled', 'the first request');
    connection.send(NEXT.slice(length) + NEXT);
    scene.s3.release();
    expect(await connection.readResponse()).toMatchObject({ status: 200, text: 'object' });
    await connection.untilClosed();
    expect(connection.received.toString('latin1')).toBe('');
    expect(scene.s3.seen.map(({ key }) => key)).toEqual(['a']);
  },
);

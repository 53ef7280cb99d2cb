import { expect, test } from 'vitest';
import { useScene } from '../support/open-scene.ts';

const scene = useScene({ settings: { 'timeouts.client_header': '300ms' } });

test.each([
  ['in the middle of the head', 'GET /a HTTP/1.1\r\nHost: local'],
  ['after the first byte', 'G'],
])('A client that stops %s gets 408 and the end.', async (_, bytes) => {
  const startedAt = performance.now();
  const connection = scene.connect().send(bytes);
  const response = await connection.readResponse();
  expect([response.status, response.header('connection')]).toEqual([408, 'close']);
  const tookMs = performance.now() - startedAt;
  expect(tookMs).toBeGreaterThan(250);
  expect(tookMs).toBeLessThan(2_000);
  await connection.untilClosed();
  expect(connection.received.length).toBe(0);
  expect(scene.proxy.logLines).toMatchObject([{ failure: 'request_head_timeout' }]);
});

test('A client that drips its head, never idle for long, gets 408 too.', async () => {
  const connection = scene.connect().send('GET /a HTTP/1.1\r\nHost: localhost\r\nX-Drip: ');
  const timer = setInterval(() => connection.send('x'), 30);
  const response = await connection.readResponse();
  clearInterval(timer);
  expect(response.status).toBe(408);
});

test('A client that stops in the second head of a connection gets 408 too.', async () => {
  scene.s3.put('a', 'object');
  const connection = scene.connect().get('/a');
  expect(await connection.readResponse()).toMatchObject({ status: 200 });
  connection.send('GET /a HTTP/1.1\r\nHo');
  expect((await connection.readResponse()).status).toBe(408);
});

test('An answer that takes longer than a head may is not cut.', async () => {
  scene.s3.put('a', 'object');
  scene.s3.inject({ kind: 'stall', at: 'before-head', forMs: 600 });
  expect(await scene.ask('/a')).toMatchObject({ status: 200, text: 'object' });
});

test('A connection that is idle between two requests for longer than a head may take is kept.', async () => {
  scene.s3.put('a', 'object');
  const connection = scene.connect().get('/a');
  expect(await connection.readResponse()).toMatchObject({ status: 200 });
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await connection.get('/a').readResponse()).toMatchObject({ status: 200 });
});

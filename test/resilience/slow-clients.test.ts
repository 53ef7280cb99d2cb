import { expect, test } from 'vitest';
import type { Connection } from '../support/connection.ts';
import { useScene } from '../support/open-scene.ts';

const HEAD_MS = 500;
const IDLE_MS = 1000;
const CLIENTS_OF_A_KIND = 40;

const scene = useScene({
  settings: { 'timeouts.client_header': `${HEAD_MS}ms`, 'timeouts.keep_alive': `${IDLE_MS}ms` },
});

async function timeUntilClosed(connection: Connection): Promise<number> {
  const startedAtMs = performance.now();
  await connection.untilClosed();
  return performance.now() - startedAtMs;
}

test('Clients that send nothing, send slowly or idle are all closed in time, and hold nobody up.', async () => {
  scene.s3.put('a', 'object');
  const connect = (): Connection[] => Array.from({ length: CLIENTS_OF_A_KIND }, () => scene.connect());
  const idle = connect();
  for (const connection of idle) connection.get('/a');
  for (const connection of idle) expect(await connection.readResponse()).toMatchObject({ status: 200 });
  const silent = connect();
  const slow = connect();
  for (const connection of slow) connection.send('GET /a HTTP/1.1\r\nHost: localhost\r\nX-Drip: ');
  const dripping = setInterval(() => slow.forEach((connection) => connection.send('x')), HEAD_MS / 5);

  const ends = Promise.all([silent, slow, idle].map((clients) => Promise.all(clients.map(timeUntilClosed))));
  const startedAtMs = performance.now();
  expect(await scene.ask('/a')).toMatchObject({ status: 200, text: 'object' });
  expect(performance.now() - startedAtMs).toBeLessThan(HEAD_MS);
  const [silentMs = [], slowMs = [], idleMs = []] = await ends;
  clearInterval(dripping);

  // Node looks at them every quarter of that time; the rest is for a busy machine.
  expect(Math.min(...silentMs, ...slowMs)).toBeGreaterThan(0.8 * HEAD_MS);
  expect(Math.max(...silentMs, ...slowMs)).toBeLessThan(4 * HEAD_MS);
  expect(Math.min(...idleMs)).toBeGreaterThan(0.5 * IDLE_MS);
  expect(Math.max(...idleMs)).toBeLessThan(4 * IDLE_MS);
  expect(scene.s3.seen).toHaveLength(1 + CLIENTS_OF_A_KIND);
});

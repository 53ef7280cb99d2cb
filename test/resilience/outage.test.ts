import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { useScene } from '../support/open-scene.ts';
import { RESILIENT } from '../support/start-proxy.ts';

// Pauses have no part in what is counted here.
beforeAll(() => {
  vi.spyOn(Math, 'random').mockReturnValue(0);
});
afterAll(() => {
  vi.restoreAllMocks();
});

const scene = useScene({
  settings: { ...RESILIENT, 'hedge.enabled': 'false' },
  routes: '[{path: /other/, bucket: media}]',
});

const SLOW_DOWN = { kind: 'status', status: 503, code: 'SlowDown' } as const;
const BROKEN = { kind: 'reset', at: 'before-head' } as const;

/** Asks so often, a few at a time, in turn for each target. @returns how many of S3's requests that took */
async function askOften(times: number, targets: readonly string[] = ['/a']): Promise<number> {
  const before = scene.s3.seen.length;
  let asked = 0;
  const clients = Array.from({ length: 10 }, async () => {
    while (asked < times) {
      asked += 1;
      await scene.ask(targets[asked % targets.length]!);
    }
  });
  await Promise.all(clients);
  return scene.s3.seen.length - before;
}

test('An outage is not multiplied: once 100 retries are spent, each request is one request.', async () => {
  scene.s3.inject(SLOW_DOWN, { times: Infinity });
  expect(await askOften(300)).toBe(300 + 100);
  expect(await askOften(200)).toBe(200);
  expect(scene.proxy.reports).toHaveLength(500);
  expect(scene.proxy.reports.every(({ status }) => status === 503)).toBe(true);
});

test('All routes spend the same retries.', async () => {
  scene.s3.inject(SLOW_DOWN, { times: Infinity });
  expect(await askOften(300, ['/a', '/other/a'])).toBe(300 + 100);
  expect(new Set(scene.proxy.reports.map(({ route }) => route))).toEqual(new Set(['/', '/other/']));
});

test('Of broken connections 50 are retried.', async () => {
  scene.s3.inject(BROKEN, { times: Infinity });
  expect(await askOften(300)).toBe(300 + 50);
  expect(scene.proxy.reports.every(({ status }) => status === 502)).toBe(true);
});

test('When S3 is well again, its answers pay for retries anew.', async () => {
  scene.s3.put('a', 'object');
  scene.s3.inject(SLOW_DOWN, { times: Infinity });
  await askOften(200);
  scene.s3.clearFaults();
  expect(await askOften(50)).toBe(50);
  scene.s3.inject(SLOW_DOWN, { times: Infinity });
  // 50 tokens are 10 retries.
  expect(await askOften(40)).toBe(40 + 10);
});

test('A retry that helps costs nothing in the end, so that many accidents are absorbed.', async () => {
  scene.s3.put('a', 'object');
  for (let accident = 0; accident < 300; accident += 1) {
    scene.s3.inject(BROKEN);
    expect(await scene.ask('/a')).toMatchObject({ status: 200, text: 'object' });
  }
  expect(scene.proxy.reports.every(({ failure }) => failure === undefined)).toBe(true);
});

test('A client that leaves pays nothing back.', async () => {
  scene.s3.inject(SLOW_DOWN, { times: Infinity });
  await askOften(200);
  scene.s3.clearFaults();
  scene.s3.inject({ kind: 'stall', at: 'before-head' }, { times: 20 });
  for (let leaver = 1; leaver <= 20; leaver += 1) {
    const connection = scene.connect().get('/a');
    await scene.s3.waitFor(() => scene.s3.seen.length === 300 + leaver, 'the request');
    connection.destroy();
    await scene.s3.waitFor(() => scene.s3.openConnections() === 0, 'the end of the connection');
  }
  scene.s3.clearFaults();
  scene.s3.inject(SLOW_DOWN, { times: Infinity });
  expect(await askOften(20)).toBe(20);
});

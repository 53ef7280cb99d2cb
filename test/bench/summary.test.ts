import { expect, test } from 'vitest';
import { compareLatencies, spread, summarise } from '../../bench/summary.ts';
import { makeSample } from './make-sample.ts';

test('a spread is the middle value and both ends', () => {
  expect(spread([3, 1, 2])).toEqual({ median: 2, least: 1, most: 3 });
  expect(spread([4, 1, 2, 3])).toEqual({ median: 2.5, least: 1, most: 4 });
  expect(() => spread([])).toThrow('no values');
});

test('a ratio is taken within its own round, so that a slow moment of the machine cancels out', () => {
  const summaries = summarise([
    makeSample({ round: 1, cpuSeconds: 1 }),
    makeSample({ round: 1, variant: 'wire', cpuSeconds: 2 }),
    makeSample({ round: 2, cpuSeconds: 10 }),
    makeSample({ round: 2, variant: 'wire', cpuSeconds: 20 }),
  ]);
  expect(summaries.map(({ variant, ratio }) => [variant, ratio])).toEqual([
    ['nginx', { median: 1, least: 1, most: 1 }],
    ['wire', { median: 2, least: 2, most: 2 }],
  ]);
});

test('CPU of a request is in microseconds', () => {
  const [summary] = summarise([makeSample({ requests: 50_000, cpuSeconds: 1 })]);
  expect(summary?.cpuUs?.median).toBe(20);
  expect(summary?.requestsPerSecond.median).toBe(25_000);
});

test('cells of other sizes, connections and protocols stay apart', () => {
  const summaries = summarise([
    makeSample({}),
    makeSample({ connections: 1 }),
    makeSample({ size: '8 MB' }),
    makeSample({ protocol: 'https' }),
  ]);
  expect(summaries).toHaveLength(4);
});

test('what has no proxy has no CPU and no ratio, and a variant without nginx beside it has no ratio', () => {
  const [direct, alone] = summarise([
    makeSample({ variant: 'direct', cpuSeconds: undefined }),
    makeSample({ variant: 'wire', connections: 64 }),
  ]);
  expect([direct?.cpuUs, direct?.ratio, alone?.ratio]).toEqual([undefined, undefined, undefined]);
  expect(alone?.cpuUs).toBeDefined();
});

test('added latency is the difference to no proxy, at one connection, round by round', () => {
  const single = { connections: 1 };
  const latencies = compareLatencies([
    makeSample({ ...single, round: 1, variant: 'direct', p50Us: 100 }),
    makeSample({ ...single, round: 1, variant: 'wire', p50Us: 250 }),
    makeSample({ ...single, round: 2, variant: 'direct', p50Us: 300 }),
    makeSample({ ...single, round: 2, variant: 'wire', p50Us: 470 }),
    makeSample({ connections: 16, variant: 'wire' }),
  ]);
  expect(latencies).toEqual([
    { protocol: 'http', variant: 'wire', size: '1 KB', addedP50Us: { median: 160, least: 150, most: 170 } },
  ]);
});

import { expect, test } from 'vitest';
import { findRegressions } from '../../bench/guard.ts';
import { summarise } from '../../bench/summary.ts';
import { GUARD_LIMITS, RATIO_TARGETS } from '../../bench/targets.ts';
import { makeSample } from './make-sample.ts';

const GUARDED = Object.entries(GUARD_LIMITS).flatMap(([protocol, limits]) =>
  Object.entries(limits).map(([size, limit]) => ({ protocol, size, limit })),
);

const measure = (factor: number) =>
  summarise(
    GUARDED.flatMap(({ limit, ...cell }) => [
      makeSample({ ...cell }),
      makeSample({ ...cell, variant: 'wire', cpuSeconds: limit * factor }),
    ]),
  );

test('ratios below the limits pass', () => {
  expect(findRegressions(measure(0.9), 'wire')).toEqual([]);
});

test('each ratio above its limit is a sentence', () => {
  expect(findRegressions(measure(1.1), 'wire')).toHaveLength(GUARDED.length);
  expect(findRegressions(measure(1.1), 'wire')[0]).toContain("times nginx's CPU");
});

test('what was not measured does not pass', () => {
  expect(findRegressions([], 'wire')[0]).toContain('not measured');
});

test('only the program is guarded', () => {
  expect(() => findRegressions([], 'nginx')).toThrow('not the program');
});

test('every guarded cell has a target', () => {
  const targets: Readonly<Record<string, Readonly<Record<string, number>>>> = RATIO_TARGETS;
  for (const { protocol, size } of GUARDED) expect(targets[protocol]?.[size]).toBeDefined();
});

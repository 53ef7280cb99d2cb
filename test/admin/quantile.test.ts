import { expect, test } from 'vitest';
import { findPercentilesMs } from '../../src/admin/quantile.ts';

test('nothing has no percentiles', () => {
  expect(findPercentilesMs({})).toEqual({ p50: undefined, p95: undefined, p99: undefined });
  expect(findPercentilesMs({ '0.1': 0, '+Inf': 0 })).toEqual({
    p50: undefined,
    p95: undefined,
    p99: undefined,
  });
});

test('within a bucket they are spread evenly, as Prometheus has it', () => {
  // 100 requests from 0 to 100 ms, 100 from 100 to 200 ms.
  const { p50, p95, p99 } = findPercentilesMs({ '0.2': 200, '0.1': 100, '+Inf': 200, '0.5': 200 });
  expect([p50, p95, p99].map((ms) => Math.round(ms ?? 0))).toEqual([100, 190, 198]);
});

test('what lies beyond the last bound is at it', () => {
  expect(findPercentilesMs({ '1': 0, '10': 2, '+Inf': 100 })).toEqual({
    p50: 10_000,
    p95: 10_000,
    p99: 10_000,
  });
});

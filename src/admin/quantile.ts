import type { Tally } from './counts.ts';

/** The times within which so many of 100 came, in milliseconds; undefined where nothing came. */
export interface Percentiles {
  readonly p50: number | undefined;
  readonly p95: number | undefined;
  readonly p99: number | undefined;
}

export function findPercentilesMs(buckets: Tally): Percentiles {
  const bounds = Object.entries(buckets)
    .map(([bound, count]) => ({ seconds: bound === '+Inf' ? Infinity : Number(bound), count }))
    .sort((one, other) => one.seconds - other.seconds);
  return {
    p50: findQuantileMs(bounds, 0.5),
    p95: findQuantileMs(bounds, 0.95),
    p99: findQuantileMs(bounds, 0.99),
  };
}

interface Bucket {
  readonly seconds: number;
  /** Of all up to there. */
  readonly count: number;
}

/**
 * As Prometheus has it (`histogram_quantile`): evenly spread within a bucket, and what lies beyond the last bound is at it.
 */
function findQuantileMs(buckets: readonly Bucket[], quantile: number): number | undefined {
  const all = buckets.at(-1)?.count ?? 0;
  if (all === 0) return undefined;
  const rank = quantile * all;
  const index = buckets.findIndex(({ count }) => count >= rank);
  const bucket = buckets[index];
  const below = buckets[index - 1] ?? { seconds: 0, count: 0 };
  if (bucket === undefined || bucket.seconds === Infinity) return below.seconds * 1000;
  const share = (rank - below.count) / (bucket.count - below.count);
  return (below.seconds + (bucket.seconds - below.seconds) * share) * 1000;
}

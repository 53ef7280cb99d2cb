import { quantile } from './fit-line.ts';
import type { PlannedRequest } from './plan-request.ts';
import type { LoadResult } from './soak-load.ts';

/** Milliseconds of undisturbed requests of one kind. */
export interface Latency {
  readonly kind: PlannedRequest['kind'];
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  /** Over requests straight to S3. */
  readonly addedP50: number;
  readonly addedP99: number;
}

/** Compares requests through the daemon with the same kinds of requests straight to S3, at the same time. */
export function compareLatencies({ throughMs, directMs }: LoadResult): Latency[] {
  return [...throughMs].flatMap(([kind, values]) => {
    const direct = directMs.get(kind);
    if (direct === undefined) return [];
    const [p50, p99] = [quantile(values, 0.5), quantile(values, 0.99)];
    const [addedP50, addedP99] = [p50 - quantile(direct, 0.5), p99 - quantile(direct, 0.99)];
    return { kind, count: values.length, p50, p99, addedP50, addedP99 };
  });
}

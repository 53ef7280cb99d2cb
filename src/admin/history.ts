import { subtractCounts, sumTally, type Tally } from './counts.ts';
import { findPercentilesMs } from './quantile.ts';
import type { Sample } from './sample.ts';

/** One moment of the plots; rates are over the time since the moment before. Null where there is nothing to tell. */
export type Point = Readonly<Record<Series, number | null>>;

/** The columns of the history, in its order. */
export const SERIES = [
  'at',
  'requests_per_second',
  'bytes_per_second',
  'first_byte_p50_ms',
  'first_byte_p95_ms',
  'first_byte_p99_ms',
  'total_p50_ms',
  'total_p95_ms',
  'total_p99_ms',
  's3_per_second',
  'credentials_per_second',
  'denied_per_second',
  's3_4xx_per_second',
  'refused_per_second',
  'left_per_second',
  'daemon_per_second',
  'retries_per_second',
  'hedges_per_second',
  'resumes_per_second',
  'in_flight',
  'queued',
  's3_connections_open',
  's3_connections_busy',
  's3_connections_waiting',
] as const;

export type Series = (typeof SERIES)[number];

export interface HistoryOptions {
  /** How far back points go. */
  readonly spanMs: number;
  /** How far back whole samples go. */
  readonly windowMs: number;
}

/** The figures of the last minutes: points for the plots, and the sample that the present one is measured against. */
export class History {
  readonly #options: HistoryOptions;
  readonly #samples: Sample[] = [];
  readonly #points: Point[] = [];

  constructor(options: HistoryOptions) {
    this.#options = options;
  }

  add(sample: Sample): void {
    const last = this.#samples.at(-1);
    if (last?.atMs === sample.atMs) return;
    if (last !== undefined && sample.atMs < last.atMs) this.#forget();
    else if (last !== undefined) this.#points.push(createPoint(sample, last));
    this.#samples.push(sample);
    const { spanMs, windowMs } = this.#options;
    while (Number(this.#points[0]?.at) * 1000 < sample.atMs - spanMs) this.#points.shift();
    // The first that is kept is the newest that is old enough.
    while ((this.#samples[1]?.atMs ?? Infinity) <= sample.atMs - windowMs) this.#samples.shift();
  }

  /** The wall clock was put back: what was measured by the old one would stand in the future. */
  #forget(): void {
    this.#samples.length = 0;
    this.#points.length = 0;
  }

  /** The sample of a window ago, or the oldest there is. */
  before(nowMs: number): Sample | undefined {
    const fromMs = nowMs - this.#options.windowMs;
    return this.#samples.findLast(({ atMs }) => atMs <= fromMs) ?? this.#samples[0];
  }

  pointsAfter(atSeconds: number): readonly Point[] {
    return this.#points.filter(({ at }) => Number(at) > atSeconds);
  }

  /** What was usual before the window: the median of what was measured. Undefined for what was not. */
  findUsual(series: Series, nowMs: number): number | undefined {
    const endsAt = (nowMs - this.#options.windowMs) / 1000;
    const values = this.#points
      .filter(({ at }) => Number(at) <= endsAt)
      .map((point) => point[series])
      .filter((value) => value !== null)
      .sort((one, other) => one - other);
    return values[Math.floor(values.length / 2)];
  }
}

function createPoint(now: Sample, before: Sample): Point {
  const seconds = (now.atMs - before.atMs) / 1000;
  const { bytes, requests, outcomes, firstByte, total, retryCauses, hedgesSent, resumes } = subtractCounts(
    now.all,
    before.all,
  );
  const perSecond = (count = 0): number => count / seconds;
  return {
    at: now.atMs / 1000,
    requests_per_second: perSecond(requests),
    bytes_per_second: perSecond(bytes),
    ...nameQuantiles('first_byte', firstByte),
    ...nameQuantiles('total', total),
    s3_per_second: perSecond(outcomes['s3']),
    credentials_per_second: perSecond(outcomes['credentials']),
    denied_per_second: perSecond(outcomes['denied']),
    s3_4xx_per_second: perSecond(outcomes['s3_4xx']),
    refused_per_second: perSecond(outcomes['refused']),
    left_per_second: perSecond(outcomes['left']),
    daemon_per_second: perSecond(outcomes['daemon']),
    retries_per_second: perSecond(sumTally(retryCauses)),
    hedges_per_second: perSecond(hedgesSent),
    resumes_per_second: perSecond(resumes),
    in_flight: now.gauges.inFlight,
    queued: now.gauges.queued,
    s3_connections_open: now.gauges.connectionsOpen,
    s3_connections_busy: now.gauges.connectionsBusy,
    s3_connections_waiting: now.gauges.connectionsWaiting,
  };
}

type Quantiles<Name extends string> = Record<
  `${Name}_p50_ms` | `${Name}_p95_ms` | `${Name}_p99_ms`,
  number | null
>;

function nameQuantiles<Name extends string>(name: Name, buckets: Tally): Quantiles<Name> {
  const { p50 = null, p95 = null, p99 = null } = findPercentilesMs(buckets);
  return { [`${name}_p50_ms`]: p50, [`${name}_p95_ms`]: p95, [`${name}_p99_ms`]: p99 } as Quantiles<Name>;
}

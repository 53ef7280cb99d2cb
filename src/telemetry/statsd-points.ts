import type { FailureName } from '../failures.ts';
import { isCumulative, type MetricFamily, type Series } from './metric-family.ts';
import { METRICS, type StatsdRow } from './metrics.ts';
import { PROCESS_METRICS_BY_STATSD } from './process-metrics.ts';
import type { RouteTimings } from './route-counts.ts';
import type { TelemetrySnapshot } from './telemetry-snapshot.ts';

/** One thing to send: so many more, so much now, or one time in milliseconds. */
export interface StatsdPoint {
  readonly name: string;
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly type: StatsdRow['type'];
  readonly value: number;
}

/** Failures of which evs-s3helper said that it could not create a request to S3. */
const CREATION_FAILURES: ReadonlySet<FailureName> = new Set<FailureName>([
  'bad_target',
  'bad_percent_encoding',
  'dot_segment',
  'key_too_long',
]);

/** Turns snapshots into what statsd is sent: increases since the last one, states as they are. */
export class StatsdPoints {
  /** What was told of each counter, by its name and labels. */
  readonly #told = new Map<string, number>();

  /** All that changed since the last call. Nothing is sent of a counter that stands still. */
  make({ metrics }: TelemetrySnapshot, timings: readonly RouteTimings[]): StatsdPoint[] {
    return [
      ...this.#makeOld(metrics),
      ...metrics.flatMap((family) => this.#makeOf(family)),
      ...timings.flatMap(makeTimes),
    ];
  }

  /** The names of evs-s3helper, beside `start` and `stop`. */
  #makeOld(metrics: readonly MetricFamily[]): StatsdPoint[] {
    const find = (name: keyof typeof METRICS): readonly Series[] =>
      (metrics.find((family) => family.name === name)?.values ?? []) as readonly Series[];
    const failed = find('s3_helper_requests_total').filter(({ labels }) =>
      CREATION_FAILURES.has(labels['failure'] as FailureName),
    );
    return [
      this.#count('s3_serve.bytes', [], sum(find('s3_helper_response_bytes_total'))),
      this.#count('s3_serve.fail.req_creation', [], sum(failed)),
    ].filter(isWorthSending);
  }

  #makeOf(family: MetricFamily): StatsdPoint[] {
    const row = findRow(family.name);
    if (row === undefined || row.type === 'ms') return [];
    return (family.values as readonly Series[])
      .map(({ labels, value }) => {
        const told = Object.entries(labels)
          .filter(([label]) => row.without?.includes(label) !== true)
          .map(([label, text]) => [label, String(text)] as const);
        return isCumulative(family)
          ? this.#count(row.name, told, Math.round(value * (row.factor ?? 1)))
          : { name: row.name, labels: told, type: row.type, value };
      })
      .filter(isWorthSending);
  }

  #count(name: string, labels: StatsdPoint['labels'], total: number): StatsdPoint {
    const key = `${name} ${labels.flat().join(' ')}`;
    const before = this.#told.get(key) ?? 0;
    this.#told.set(key, total);
    return { name, labels, type: 'c', value: total - before };
  }
}

function findRow(name: string): StatsdRow | undefined {
  if (Object.hasOwn(METRICS, name)) return METRICS[name as keyof typeof METRICS].statsd;
  return PROCESS_METRICS_BY_STATSD[name];
}

function makeTimes({ route, firstByteMs, totalMs }: RouteTimings): StatsdPoint[] {
  const labels = [['route', route]] as const;
  const toPoints = (name: string, times: readonly number[]): StatsdPoint[] =>
    times.map((value) => ({ name, labels, type: 'ms', value }));
  return [
    ...toPoints(METRICS.s3_helper_first_byte_seconds.statsd.name, firstByteMs),
    ...toPoints(METRICS.s3_helper_request_seconds.statsd.name, totalMs),
  ];
}

function isWorthSending({ type, value }: StatsdPoint): boolean {
  return type !== 'c' || value > 0;
}

function sum(series: readonly Series[]): number {
  return series.reduce((total, { value }) => total + value, 0);
}

import type { MetricObjectWithValues, MetricValue } from 'prom-client';
import type { MetricName } from '../telemetry/metrics.ts';
import type { TelemetrySnapshot } from '../telemetry/telemetry-snapshot.ts';
import { addCounts, type Counts, NO_COUNTS } from './counts.ts';
import { classifyOutcome } from './outcome.ts';

/** What the metrics say at one moment, counted from the start. */
export interface Sample {
  readonly atMs: number;
  readonly all: Counts;
  /** By the route's path; what no route took is under the empty one. */
  readonly routes: ReadonlyMap<string, Counts>;
  readonly gauges: Gauges;
  /** By process. */
  readonly cpuSeconds: ReadonlyMap<number, number>;
}

export interface Gauges {
  readonly inFlight: number;
  readonly queued: number;
  readonly connectionsOpen: number;
  readonly connectionsBusy: number;
  readonly connectionsWaiting: number;
  readonly brokenRequests: number;
  readonly signerMismatches: number;
}

type Metrics = TelemetrySnapshot['metrics'];
type Series = MetricValue<string>;

export function takeSample({ takenAtMs, metrics, workers }: TelemetrySnapshot): Sample {
  const routes = readRoutes(metrics);
  return {
    atMs: takenAtMs,
    all: [...routes.values()].reduce(addCounts, NO_COUNTS),
    routes,
    gauges: readGauges(metrics),
    cpuSeconds: new Map(workers.map(({ pid, cpuSeconds }) => [pid, cpuSeconds])),
  };
}

type Draft = {
  -readonly [Name in keyof Counts]: Counts[Name] extends number ? number : Record<string, number>;
};

/** Takes one series in, by the name of its metric. */
const READERS: Partial<Record<MetricName, (draft: Draft, series: Series) => void>> = {
  s3_helper_requests_total: (draft, { value, labels }) => {
    const failure = text(labels['failure']);
    const s3ErrorCode = text(labels['s3_error_code']);
    const statusClass = text(labels['status_class']);
    const outcome = classifyOutcome({ failure, s3ErrorCode, statusClass });
    draft.requests += value;
    count(draft.outcomes, outcome, value);
    count(draft.reasons, `${outcome} ${failure || s3ErrorCode || statusClass}`, value);
    if (failure !== '') count(draft.failures, failure, value);
  },
  s3_helper_responses_total: (draft, { value, labels }) =>
    count(draft.statuses, text(labels['status']), value),
  s3_helper_response_bytes_total: (draft, { value }) => (draft.bytes += value),
  s3_helper_first_byte_seconds: (draft, series) => countBucket(draft.firstByte, series),
  s3_helper_request_seconds: (draft, series) => countBucket(draft.total, series),
  s3_helper_attempts_total: (draft, { value }) => (draft.attempts += value),
  s3_helper_retries_total: (draft, { value, labels }) =>
    count(draft.retryCauses, text(labels['cause']), value),
  s3_helper_hedges_total: (draft, { value, labels }) =>
    (draft[labels['outcome'] === 'won' ? 'hedgesWon' : 'hedgesSent'] += value),
  s3_helper_resumes_total: (draft, { value }) => (draft.resumes += value),
  s3_helper_client_aborts_total: (draft, { value }) => (draft.clientAborts += value),
  s3_helper_s3_errors_total: (draft, { value, labels }) => count(draft.s3Errors, text(labels['code']), value),
};

function readRoutes(metrics: Metrics): Map<string, Counts> {
  const routes = new Map<string, Draft>();
  for (const [name, read] of Object.entries(READERS)) {
    for (const series of findSeries(metrics, name as MetricName)) {
      const route = text(series.labels['route']);
      const draft: Draft = routes.get(route) ?? structuredClone(NO_COUNTS);
      routes.set(route, draft);
      read(draft, series);
    }
  }
  return routes;
}

function count(tally: Record<string, number>, key: string, value: number): void {
  tally[key] = (tally[key] ?? 0) + value;
}

/** The sum and the count of a histogram are series without a bound. */
function countBucket(tally: Record<string, number>, { labels, value }: Series): void {
  if (labels['le'] !== undefined) count(tally, String(labels['le']), value);
}

function readGauges(metrics: Metrics): Gauges {
  const sum = (name: MetricName, state?: string): number =>
    findSeries(metrics, name)
      .filter(({ labels }) => state === undefined || labels['state'] === state)
      .reduce((total, { value }) => total + value, 0);
  return {
    inFlight: sum('s3_helper_requests_in_flight'),
    queued: sum('s3_helper_requests_queued'),
    connectionsOpen: sum('s3_helper_s3_connections', 'open'),
    connectionsBusy: sum('s3_helper_s3_connections', 'busy'),
    connectionsWaiting: sum('s3_helper_s3_connections', 'waiting'),
    brokenRequests: sum('s3_helper_broken_requests_total'),
    signerMismatches: sum('s3_helper_signer_mismatches_total'),
  };
}

function findSeries(metrics: Metrics, name: MetricName): readonly Series[] {
  const metric = metrics.find((one: MetricObjectWithValues<Series>) => one.name === name);
  return metric?.values ?? [];
}

function text(label: string | number | undefined): string {
  return label === undefined ? '' : String(label);
}

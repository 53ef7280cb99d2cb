import type { Route } from '../config/config.ts';
import { toErrorCode, toMethod, toStatus, toStatusClass } from './label-values.ts';
import { createFamily, type MetricFamily, type Series } from './metric-family.ts';
import type { MetricName } from './metrics.ts';
import type { ReportSink, RequestReport } from './request-report.ts';
import { RouteCounts, type RouteTimings } from './route-counts.ts';

/** Requests that ended alike: one object is found by one lookup, and counts. */
interface Outcome {
  readonly counts: RouteCounts;
  readonly method: string;
  readonly status: number;
  readonly failure: string;
  readonly s3ErrorCode: string;
  requests: number;
}

/**
 * Counts requests. A counter of prom-client hashes its labels at each call, with which one request would cost 1.6 µs or
 * more (measured, Node 26); a few additions on an object that one lookup finds cost a tenth of it.
 */
export class RequestCounts implements ReportSink {
  readonly #routes = new Map<string, RouteCounts>();
  readonly #outcomes = new Map<string, Outcome>();
  readonly #sampleRate: number | undefined;

  /** @param sampleRate - share of the requests whose times are kept as they are; undefined keeps none */
  constructor(routes: readonly Route[], sampleRate: number | undefined) {
    this.#sampleRate = sampleRate;
    // Their series begin with zero, so that Prometheus sees the first increase.
    this.addRoutes(routes);
  }

  /** Those that are known already go on. */
  addRoutes(routes: readonly Route[]): void {
    for (const { path, s3 } of routes) this.#findRoute(path, s3.bucket);
  }

  write(report: RequestReport, totalMs: number): void {
    const { route = '', status, failure = '' } = report;
    const method = toMethod(report.method);
    const s3ErrorCode = findErrorCode(report);
    const { bucket = '' } = report;
    const key = `${route} ${bucket} ${method} ${status} ${failure} ${s3ErrorCode}`;
    let outcome = this.#outcomes.get(key);
    if (outcome === undefined) {
      const counts = this.#findRoute(route, bucket);
      outcome = { counts, method, status, failure, s3ErrorCode, requests: 0 };
      this.#outcomes.set(key, outcome);
    }
    outcome.requests += 1;
    outcome.counts.add(report, totalMs);
  }

  toFamilies(): MetricFamily[] {
    const seriesByName = new Map<MetricName, Series[]>([
      ['s3_helper_requests_total', this.#countRequests()],
      ['s3_helper_responses_total', this.#countResponses()],
    ]);
    for (const counts of this.#routes.values()) {
      for (const [name, series] of counts.toSeries())
        seriesByName.set(name, [...(seriesByName.get(name) ?? []), ...series]);
    }
    return [...seriesByName].map(([name, series]) => createFamily(name, series));
  }

  /** The times that were kept since it was asked last. */
  takeTimings(): RouteTimings[] {
    return [...this.#routes.values()]
      .map((counts) => counts.takeTimings())
      .filter((timings) => timings !== undefined);
  }

  /** After a reload a route may lead to another bucket. */
  #findRoute(route: string, bucket: string): RouteCounts {
    const key = `${route} ${bucket}`;
    const counts = this.#routes.get(key) ?? new RouteCounts(route, bucket, this.#sampleRate);
    this.#routes.set(key, counts);
    return counts;
  }

  #countRequests(): Series[] {
    return this.#sum(({ counts, method, status, failure, s3ErrorCode }) => ({
      ...{ route: counts.route, bucket: counts.bucket, method, status_class: toStatusClass(status) },
      ...{ failure, s3_error_code: s3ErrorCode },
    }));
  }

  #countResponses(): Series[] {
    return this.#sum(({ counts, status }) => ({ route: counts.route, status: toStatus(status) }));
  }

  #sum(toLabels: (outcome: Outcome) => Record<string, string>): Series[] {
    const sums = new Map<string, Series & { value: number }>();
    for (const outcome of this.#outcomes.values()) {
      const labels = toLabels(outcome);
      const key = Object.values(labels).join(' ');
      const sum = sums.get(key) ?? { labels, value: 0 };
      sums.set(key, sum);
      sum.value += outcome.requests;
    }
    return [...sums.values()];
  }
}

/** Behind a failure of ours S3's last error is an earlier one, which was not passed on. */
function findErrorCode({ failure, s3ErrorCode }: RequestReport): string {
  if (s3ErrorCode === undefined || (failure !== undefined && failure !== 's3_redirect')) return '';
  return toErrorCode(s3ErrorCode);
}

import type { Config } from '../config/config.ts';
import type { BrokenRequest } from '../daemon/create-http-server.ts';
import type { ConnectionCounts } from '../s3/attempt.ts';
import { FailureRing } from './failure-ring.ts';
import { createFamily, isCumulative, type MetricFamily, type Series } from './metric-family.ts';
import { ProcessMetrics } from './process-metrics.ts';
import { RequestCounts } from './request-counts.ts';
import type { ReportSink } from './request-report.ts';
import type { RouteTimings } from './route-counts.ts';
import type { FailureRecord, WorkerStatus } from './telemetry-snapshot.ts';

/** What a serving process holds at this moment. */
export interface ServingState {
  readonly requestsInFlight: number;
  readonly requestsQueued: number;
  readonly connections: ConnectionCounts;
}

/** Everything that one serving process knows; plain values, so that it can be sent to another process. */
export interface ServingReport {
  readonly families: readonly MetricFamily[];
  readonly status: WorkerStatus;
  /** Oldest first. */
  readonly failures: readonly FailureRecord[];
  /** Times since the report before that asked for them; empty in one that did not. */
  readonly timings: readonly RouteTimings[];
}

/**
 * What is wanted: `all`, with the `timings` that are then gone; or what must not be lost should the process die, which
 * is cheap and disturbs nothing.
 */
export type ReportScope = 'all' | 'all and timings' | 'counts';

/** Failures before a request, in the order of the documentation. */
const BROKEN: readonly BrokenRequest[] = [
  'malformed_request',
  'header_too_large',
  'request_head_timeout',
  'method_not_allowed',
];

/** Counts what one serving process does. */
export class ServingTelemetry {
  readonly #requests: RequestCounts;
  readonly #failures = new FailureRing();
  readonly #process: ProcessMetrics;
  readonly #broken = new Map<BrokenRequest, number>(BROKEN.map((failure) => [failure, 0]));
  readonly sink: ReportSink;
  #requestCount = 0;
  #signerMismatches = 0;
  #readState: (() => ServingState) | undefined;

  constructor({ routes, statsd }: Config, role: 'alone' | 'worker') {
    this.#process = new ProcessMetrics(role);
    this.#requests = new RequestCounts(routes, statsd.address && statsd.sampleRate);
    this.sink = {
      write: (report, totalMs) => {
        this.#requestCount += 1;
        this.#requests.write(report, totalMs);
        this.#failures.write(report, totalMs);
      },
    };
  }

  /** Says where the moment's state is read. */
  watch(readState: () => ServingState): void {
    this.#readState = readState;
  }

  /** Of a configuration that was reloaded. */
  addRoutes(routes: Config['routes']): void {
    this.#requests.addRoutes(routes);
  }

  noteBroken(failure: BrokenRequest): void {
    this.#broken.set(failure, (this.#broken.get(failure) ?? 0) + 1);
  }

  noteSignerMismatch(): void {
    this.#signerMismatches += 1;
  }

  async report(scope: ReportScope): Promise<ServingReport> {
    const ofProcess = scope === 'counts' ? [] : await this.#process.toFamilies();
    // Behind the wait: what is counted meanwhile belongs to it.
    const families = [...this.#requests.toFamilies(), ...this.#toFamilies(), ...ofProcess];
    return {
      families: scope === 'counts' ? families.filter(isCumulative) : families,
      status: this.#readStatus(),
      failures: this.#failures.records,
      timings: scope === 'all and timings' ? this.#requests.takeTimings() : [],
    };
  }

  #toFamilies(): MetricFamily[] {
    const broken = [...this.#broken].map(([failure, value]) => ({ labels: { failure }, value }));
    const state = this.#readState?.();
    const one = (value: number): Series[] => [{ labels: {}, value }];
    return [
      createFamily('s3_helper_broken_requests_total', broken),
      createFamily('s3_helper_signer_mismatches_total', one(this.#signerMismatches)),
      createFamily('s3_helper_requests_in_flight', one(state?.requestsInFlight ?? 0)),
      createFamily('s3_helper_requests_queued', one(state?.requestsQueued ?? 0)),
      createFamily(
        's3_helper_s3_connections',
        (['open', 'busy', 'waiting'] as const).map((name) => ({
          labels: { state: name },
          value: state?.connections[name] ?? 0,
        })),
      ),
    ];
  }

  #readStatus(): WorkerStatus {
    const { user, system } = process.cpuUsage();
    return {
      pid: process.pid,
      startedAtMs: Math.round(performance.timeOrigin),
      inFlight: this.#readState?.().requestsInFlight ?? 0,
      requests: this.#requestCount,
      residentBytes: process.memoryUsage.rss(),
      cpuSeconds: (user + system) / 1e6,
    };
  }
}

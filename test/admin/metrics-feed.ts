import type { Config } from '../../src/config/config.ts';
import type { CredentialStatus } from '../../src/credentials/credential-manager.ts';
import type { BrokenRequest } from '../../src/daemon/create-http-server.ts';
import { formatMetrics } from '../../src/telemetry/format-metrics.ts';
import { type RequestReport, startReport } from '../../src/telemetry/request-report.ts';
import { ServingTelemetry, type ServingState } from '../../src/telemetry/serving-telemetry.ts';
import { takeSnapshot } from '../../src/telemetry/take-snapshot.ts';
import type { TelemetrySnapshot } from '../../src/telemetry/telemetry-snapshot.ts';
import { loadText } from '../config/load-text.ts';

export const TWO_ROUTES = `
s3: {bucket: media, region: eu-west-1}
routes: [{path: /avod/, bucket: advertisements, region: us-west-2}]
admin: {listen: 127.0.0.1:0}
`;

const HOUR_MS = 3_600_000;

/** A daemon without requests of its own: what it would count is fed in, and told by the real telemetry. */
export class MetricsFeed {
  readonly config: Config;
  readonly #serving: ServingTelemetry;
  /** Unix milliseconds; stands still until it is set. */
  nowMs: number;
  serving: ServingState = {
    requestsInFlight: 0,
    requestsQueued: 0,
    connections: { open: 0, busy: 0, waiting: 0 },
  };
  credentials: readonly CredentialStatus[];
  isListening = true;
  isDraining = false;
  clockOffsetMs = 0;
  /** In place of this process, where it is given. */
  workers: TelemetrySnapshot['workers'] | undefined;

  constructor(yaml = TWO_ROUTES, nowMs = Date.parse('2026-01-15T03:00:00Z')) {
    this.config = loadText(yaml);
    this.nowMs = nowMs;
    this.credentials = [this.createCredentials()];
    this.#serving = new ServingTelemetry(this.config, 'alone');
    this.#serving.watch(() => this.serving);
    this.workers = [
      {
        pid: 4321,
        startedAtMs: nowMs - HOUR_MS,
        inFlight: 0,
        requests: 0,
        residentBytes: 80_000_000,
        cpuSeconds: 1,
      },
    ];
  }

  /** Good ones, but for what is said otherwise. */
  createCredentials(other: Partial<CredentialStatus> = {}): CredentialStatus {
    return {
      source: 'instance metadata (IMDSv2)',
      keyId: '…WXYZ',
      expiresAtMs: this.nowMs + 6 * HOUR_MS,
      isDegraded: false,
      refreshes: 1,
      failures: 0,
      lastRefreshAtMs: this.nowMs - 60_000,
      lastError: undefined,
      ...other,
    };
  }

  /** Counts requests that ended alike: a good one, but for what is said otherwise. */
  feed(count: number, other: Partial<RequestReport> = {}, totalMs = 40): void {
    for (let left = count; left > 0; left -= 1) {
      const report = startReport('GET');
      Object.assign(report, {
        key: 'films/a.mp4',
        route: '/',
        bucket: 'media',
        status: 200,
        bytes: 1000,
        firstByteMs: 20,
        attempts: 1,
        ...other,
      });
      this.#serving.sink.write(report, totalMs);
    }
  }

  feedBroken(count: number, failure: BrokenRequest): void {
    for (let left = count; left > 0; left -= 1) this.#serving.noteBroken(failure);
  }

  noteSignerMismatch(): void {
    this.#serving.noteSignerMismatch();
  }

  readonly snapshot = async (): Promise<TelemetrySnapshot> => {
    const { snapshot } = await takeSnapshot({
      collect: async (scope) => ({
        reports: [await this.#serving.report(scope)],
        otherFamilies: [],
        otherFailures: [],
        otherTimings: [],
      }),
      credentials: this.credentials.map((status) => ({ status: () => status })),
      clock: { offsetMs: this.clockOffsetMs, nowMs: () => this.nowMs + this.clockOffsetMs },
      readState: () => ({
        isListening: this.isListening,
        isDraining: this.isDraining,
        workers: { starting: 0, serving: 1, draining: 0 },
      }),
    });
    const { workers = snapshot.workers } = this;
    return { ...snapshot, takenAtMs: this.nowMs, startedAtMs: this.nowMs - HOUR_MS, workers };
  };

  readonly metricsText = async (accept: string | undefined): Promise<{ contentType: string; body: string }> =>
    formatMetrics((await this.snapshot()).metrics, accept);
}

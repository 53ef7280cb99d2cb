import type { MetricObjectWithValues, MetricValue } from 'prom-client';
import type { CredentialStatus } from '../credentials/credential-manager.ts';
import type { FailureName } from '../failures.ts';

/** One request that ended badly, for the eyes of an operator. Holds no secret. */
export interface FailureRecord {
  readonly endedAtMs: number;
  readonly requestId: string;
  readonly method: string | undefined;
  readonly key: string | undefined;
  readonly route: string | undefined;
  readonly status: number;
  readonly failure: FailureName | undefined;
  readonly cause: string | undefined;
  readonly attempts: number;
  readonly s3Status: number | undefined;
  readonly s3ErrorCode: string | undefined;
  readonly s3RequestId: string | undefined;
  readonly s3HostId: string | undefined;
  readonly totalMs: number;
}

/** One process that serves. */
export interface WorkerStatus {
  readonly pid: number;
  readonly startedAtMs: number;
  readonly inFlight: number;
  readonly requests: number;
  readonly residentBytes: number;
  readonly cpuSeconds: number;
}

/** The whole daemon at one moment; metrics, page and statsd are made of nothing else, so they cannot disagree. */
export interface TelemetrySnapshot {
  /** Of the wall clock. */
  readonly takenAtMs: number;
  readonly startedAtMs: number;
  /** Summed over all processes that served since the start, the dead included. */
  readonly metrics: readonly MetricObjectWithValues<MetricValue<string>>[];
  readonly credentials: readonly CredentialStatus[];
  readonly workers: readonly WorkerStatus[];
  /** Newest first, bounded. */
  readonly lastFailures: readonly FailureRecord[];
  readonly isListening: boolean;
  readonly isDraining: boolean;
  readonly clockOffsetMs: number;
}

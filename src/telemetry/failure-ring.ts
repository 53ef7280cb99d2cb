import { FAILURES } from '../failures.ts';
import type { ReportSink, RequestReport } from './request-report.ts';
import type { FailureRecord } from './telemetry-snapshot.ts';

const MOST_RECORDS = 50;

/** The newest requests that ended badly by somebody's fault but the client's, as they were. */
export class FailureRing implements ReportSink {
  /** Oldest first. */
  readonly #records: FailureRecord[] = [];

  write(report: RequestReport, totalMs: number): void {
    if (!isWorthShowing(report)) return;
    this.#records.push(toRecord(report, totalMs));
    if (this.#records.length > MOST_RECORDS) this.#records.shift();
  }

  /** Oldest first. */
  get records(): readonly FailureRecord[] {
    return this.#records;
  }
}

/** The newest of several processes, newest first. */
export function mergeFailures(rings: readonly (readonly FailureRecord[])[]): FailureRecord[] {
  return rings
    .flat()
    .sort((one, other) => other.endedAtMs - one.endedAtMs)
    .slice(0, MOST_RECORDS);
}

/** A client that left, or asked for what is missing, is no failure; nor are its mistakes. S3's refusal of us is one. */
function isWorthShowing({ failure, status }: RequestReport): boolean {
  if (failure !== undefined) return FAILURES[failure].level !== 'info';
  return status >= 500 || status === 400 || status === 401 || status === 403;
}

function toRecord(report: RequestReport, totalMs: number): FailureRecord {
  const { requestId, method, key, route, status, failure, cause, attempts } = report;
  const { s3Status, s3ErrorCode, s3RequestId, s3HostId } = report;
  return {
    ...{ endedAtMs: Date.now(), requestId, method, key, route, status, failure, cause, attempts },
    ...{ s3Status, s3ErrorCode, s3RequestId, s3HostId, totalMs },
  };
}

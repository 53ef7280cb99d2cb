import { FAILURES } from '../failures.ts';
import type { Logger } from './create-logger.ts';
import type { ReportSink, RequestReport } from './request-report.ts';

/** Writes one line a request. */
export function createAccessLog(logger: Logger): ReportSink {
  return {
    write: (report, totalMs) => logger.record(pickLevel(report), toFields(report, totalMs), 'request'),
  };
}

/** S3's 5xx and its refusal of us are errors of the far side; a client that left, or asks for what is missing, is not. */
function pickLevel(report: RequestReport): 'info' | 'warn' | 'error' {
  if (report.failure !== undefined) return FAILURES[report.failure].level;
  if (report.status >= 500) return 'error';
  return report.status === 400 || report.status === 401 || report.status === 403 ? 'warn' : 'info';
}

function toFields(report: RequestReport, totalMs: number): object {
  return {
    request_id: report.requestId,
    method: report.method,
    key: report.key === undefined ? undefined : decodeKey(report.key),
    route: report.route,
    bucket: report.bucket,
    range: report.range,
    status: report.status,
    bytes: report.bytes,
    first_byte_ms: report.firstByteMs === undefined ? undefined : roundMs(report.firstByteMs),
    total_ms: roundMs(totalMs),
    attempts: report.attempts,
    // Only where there is something to tell: most requests need one attempt.
    retried_for: report.causes.length === 0 ? undefined : report.causes,
    hedges: report.hedges === 0 ? undefined : report.hedges,
    hedges_won: report.hedgesWon === 0 ? undefined : report.hedgesWon,
    resumes: report.resumes === 0 ? undefined : report.resumes,
    s3_status: report.s3Status,
    s3_request_id: report.s3RequestId,
    s3_host_id: report.s3HostId,
    s3_error_code: report.s3ErrorCode,
    failure: report.failure,
    cause: report.cause,
  };
}

/** The key as people know it; one that is not UTF-8 stays percent-encoded. */
function decodeKey(encoded: string): string {
  if (!encoded.includes('%')) return encoded;
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

function roundMs(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

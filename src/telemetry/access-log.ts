import type { Log } from '../config/config.ts';
import { FAILURES } from '../failures.ts';
import { createAccessLogRule } from './access-log-rule.ts';
import type { Logger, RecordLevel } from './create-logger.ts';
import type { ReportSink, RequestReport } from './request-report.ts';

/** Writes one line a request, of those that are to have one. */
export function createAccessLog(logger: Logger, log: Pick<Log, 'access' | 'sample'>): ReportSink {
  const shareOf = createAccessLogRule(log);
  return {
    write: (report, totalMs) => {
      const share = shareOf(report);
      if (share === 0) return;
      const level = pickLevel(report);
      if (!logger.isEnabled(level)) return;
      const fields = formatFields(report, totalMs);
      logger.record(level, share === 1 ? fields : `${fields},"sample":${share}`, 'request');
    },
  };
}

/** S3's 5xx and its refusal of us are errors of the far side; a client that left, or asks for what is missing, is not. */
function pickLevel(report: RequestReport): RecordLevel {
  if (report.failure !== undefined) return FAILURES[report.failure].level;
  if (report.status >= 500) return 'error';
  return report.status === 400 || report.status === 401 || report.status === 403 ? 'warn' : 'info';
}

/** Only what there is something to tell of: most requests need one attempt and have no failure. */
function formatFields(report: RequestReport, totalMs: number): string {
  const { key, causes, hedges, hedgesWon, resumes, firstByteMs } = report;
  return (
    text(',"request_id":', report.requestId) +
    text(',"method":', report.method) +
    text(',"key":', key === undefined ? undefined : decodeKey(key)) +
    text(',"route":', report.route) +
    text(',"bucket":', report.bucket) +
    text(',"range":', report.range) +
    `,"status":${report.status},"bytes":${report.bytes}` +
    (firstByteMs === undefined ? '' : `,"first_byte_ms":${formatMs(firstByteMs)}`) +
    `,"total_ms":${formatMs(totalMs)},"attempts":${report.attempts}` +
    (causes.length === 0 ? '' : `,"retried_for":${JSON.stringify(causes)}`) +
    (hedges === 0 ? '' : `,"hedges":${hedges}`) +
    (hedgesWon === 0 ? '' : `,"hedges_won":${hedgesWon}`) +
    (resumes === 0 ? '' : `,"resumes":${resumes}`) +
    (report.s3Status === undefined ? '' : `,"s3_status":${report.s3Status}`) +
    text(',"s3_request_id":', report.s3RequestId) +
    text(',"s3_host_id":', report.s3HostId) +
    text(',"s3_error_code":', report.s3ErrorCode) +
    text(',"failure":', report.failure) +
    text(',"cause":', report.cause)
  );
}

/** What JSON would have to escape, and what is not ASCII. */
const NOT_PLAIN = /[^\x20\x21\x23-\x5b\x5d-\x7e]/;

/** @param start - the comma and the name */
function text(start: string, value: string | undefined): string {
  if (value === undefined) return '';
  return start + (NOT_PLAIN.test(value) ? JSON.stringify(value) : `"${value}"`);
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

/** `.001` and so on; nothing for none. */
const THOUSANDTHS: readonly string[] = Array.from({ length: 1000 }, (_, count) =>
  String(count / 1000).slice(1),
);

/** To the microsecond. V8 takes longer to write a fraction than the signature's second hash takes. */
function formatMs(ms: number): string {
  const us = Math.round(ms * 1000);
  return `${Math.floor(us / 1000)}${THOUSANDTHS[us % 1000] ?? ''}`;
}

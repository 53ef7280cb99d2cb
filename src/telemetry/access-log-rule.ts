import type { Log } from '../config/config.ts';
import type { RequestReport } from './request-report.ts';

/** @returns the share of requests like this one that get a line, or 0 where this one gets none */
export type AccessLogRule = (report: RequestReport) => number;

/**
 * Which requests are logged. Whatever ends with a failure, or with 400 and above, always is, unless nothing is.
 * @param chance - from 0 up to 1
 */
export function createAccessLogRule(
  { access, sample }: Pick<Log, 'access' | 'sample'>,
  chance: () => number = Math.random,
): AccessLogRule {
  if (access === 'off') return () => 0;
  if (access === 'errors') return (report) => (isGood(report) ? 0 : 1);
  if (sample === 1) return () => 1;
  return (report) => {
    if (!isGood(report)) return 1;
    return chance() < sample ? sample : 0;
  };
}

function isGood({ failure, status }: RequestReport): boolean {
  return failure === undefined && status < 400;
}

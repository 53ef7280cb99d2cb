import { sumTally } from './counts.ts';
import { ok, type Opinion, quiet, warning, weigh } from './opinion.ts';
import { countOf, formatDuration, listReasons, listTally, partOf } from './phrases.ts';
import { findPercentilesMs } from './quantile.ts';
import type { Evidence } from './recent.ts';

const FAILED = { warning: 0.001, error: 0.05 };
const RETRIED = { warning: 0.01, error: Infinity };
/** So many times the usual, and felt by whoever waits. */
const SLOW_FACTOR = 3;
const LEAST_SLOW_MS = 300;
/** Below that, one slow object is 5 %. */
const LEAST_REQUESTS = 20;

/** Whether S3, or the way to it, is the trouble. */
export function judgeS3(evidence: Evidence): Opinion {
  const { all } = evidence.recent;
  const { s3: failed = 0 } = all.outcomes;
  const severity = weigh(failed, all.requests, FAILED);
  if (severity !== undefined) {
    const text = `S3 fails: ${partOf(failed, all.requests)} in the last minute (${listReasons(all, 's3')}).`;
    return { severity, text };
  }
  return judgeRetries(evidence) ?? judgeSpeed(evidence) ?? describeGood(evidence);
}

function judgeRetries({ recent: { all } }: Evidence): Opinion | undefined {
  const retries = sumTally(all.retryCauses) + all.resumes;
  if (weigh(retries, all.requests, RETRIED) === undefined) return undefined;
  const causes = listTally({ ...all.retryCauses, resumed: all.resumes });
  return warning(
    `S3 stumbles, and clients do not notice: ${countOf(retries, 'retry', 'retries')} for ` +
      `${countOf(all.requests, 'request')} (${causes}).`,
  );
}

function judgeSpeed({ recent: { all }, usual }: Evidence): Opinion | undefined {
  const { p95 } = findPercentilesMs(all.firstByte);
  const { firstByteP95Ms: usualMs } = usual;
  if (p95 === undefined || usualMs === undefined || all.requests < LEAST_REQUESTS) return undefined;
  if (p95 < LEAST_SLOW_MS || p95 < usualMs * SLOW_FACTOR) return undefined;
  return warning(
    `S3 is slow: 95 of 100 first bytes came within ${formatDuration(p95)}; ${formatDuration(usualMs)} is usual.`,
  );
}

function describeGood({ recent: { all } }: Evidence): Opinion {
  if (all.attempts === 0) return quiet('S3 has not been asked in the last minute.');
  const retries = countOf(sumTally(all.retryCauses), 'retry', 'retries');
  return ok(`S3 answers: ${retries} for ${countOf(all.requests, 'request')}.`);
}

import { type Counts, dropZeros, sumTally, type Tally } from './counts.ts';
import { type Outcome, OUTCOMES } from './outcome.ts';
import { findPercentilesMs } from './quantile.ts';
import type { Recent } from './recent.ts';

/** Counts as `/status.json` has them. */
export function describeCounts(counts: Counts) {
  return {
    requests: counts.requests,
    bytes: counts.bytes,
    outcomes: describeOutcomes(counts.outcomes),
    reasons: groupReasons(counts.reasons),
    failures: dropZeros(counts.failures),
    statuses: dropZeros(counts.statuses),
    s3_error_codes: dropZeros(counts.s3Errors),
    attempts: counts.attempts,
    retries: sumTally(counts.retryCauses),
    retry_causes: dropZeros(counts.retryCauses),
    hedges_sent: counts.hedgesSent,
    hedges_won: counts.hedgesWon,
    resumes: counts.resumes,
    client_aborts: counts.clientAborts,
  };
}

export function describeRecent({ seconds, all, brokenRequests }: Recent) {
  const perSecond = (count: number): number => (seconds > 0 ? count / seconds : 0);
  return {
    seconds,
    requests_per_second: perSecond(all.requests),
    bytes_per_second: perSecond(all.bytes),
    first_byte_ms: describePercentiles(all.firstByte),
    total_ms: describePercentiles(all.total),
    ...describeCounts(all),
    broken_requests: brokenRequests,
  };
}

function describePercentiles(buckets: Tally) {
  const { p50 = null, p95 = null, p99 = null } = findPercentilesMs(buckets);
  return { p50, p95, p99 };
}

/** Each of them, also what did not happen. */
function describeOutcomes(outcomes: Tally): Record<Outcome, number> {
  const counts = OUTCOMES.map((outcome) => [outcome, outcomes[outcome] ?? 0]);
  return Object.fromEntries(counts) as Record<Outcome, number>;
}

/** By outcome, then by the failure, S3's code or the status class. */
function groupReasons(reasons: Tally): Record<string, Record<string, number>> {
  const groups: Record<string, Record<string, number>> = {};
  for (const [reason, count] of Object.entries(dropZeros(reasons))) {
    const [outcome = '', name = ''] = reason.split(' ');
    (groups[outcome] ??= {})[name] = count;
  }
  return groups;
}

import type { CredentialStatus } from '../credentials/credential-manager.ts';
import { describeTrouble } from './describe-trouble.ts';
import { ok, type Opinion, weigh } from './opinion.ts';
import { formatDuration, listReasons, partOf } from './phrases.ts';
import type { Evidence } from './recent.ts';

const REFUSED = { warning: 0.001, error: 0.05 };
/** Without s3:ListBucket, S3 denies what is missing: a few denials are in every day. */
const DENIED = { warning: 0.05, error: 0.5 };

/** Whether our keys, or what they allow, are the trouble. */
export function judgeCredentials(evidence: Evidence): Opinion {
  return (
    judgeMissing(evidence) ?? judgeRefusals(evidence) ?? judgeRefreshes(evidence) ?? describeGood(evidence)
  );
}

function judgeMissing({ snapshot: { credentials } }: Evidence): Opinion | undefined {
  const [first, ...others] = credentials.filter(({ keyId }) => keyId === undefined);
  if (first === undefined) return undefined;
  const isAll = others.length + 1 === credentials.length;
  const text = isAll
    ? 'There are no credentials: requests get 503.'
    : 'Some routes have no credentials: their requests get 503.';
  return { severity: 'error', text, detail: describeTrouble(first) };
}

function judgeRefusals({ recent: { all } }: Evidence): Opinion | undefined {
  const { credentials: refused = 0, denied = 0 } = all.outcomes;
  const severity = weigh(refused, all.requests, REFUSED);
  if (severity !== undefined) {
    const reasons = listReasons(all, 'credentials');
    return {
      severity,
      text: `S3 refuses our credentials: ${partOf(refused, all.requests)} failed (${reasons}).`,
    };
  }
  const denial = weigh(denied, all.requests, DENIED);
  if (denial === undefined) return undefined;
  return {
    severity: denial,
    text: `S3 denies us access: ${partOf(denied, all.requests)} (${listReasons(all, 'denied')}).`,
    detail: 'Our role needs s3:GetObject, and s3:ListBucket so that S3 says 404 of what is missing.',
  };
}

function judgeRefreshes(evidence: Evidence): Opinion | undefined {
  const { credentials } = evidence.snapshot;
  const expired = credentials.find(({ isDegraded }) => isDegraded);
  if (expired !== undefined) {
    const isTaken = (evidence.recent.all.outcomes['ok'] ?? 0) > 0;
    const ago = formatDuration(-lifeLeftMs(expired, evidence));
    const use = isTaken ? 'S3 still takes them' : 'they are used all the same';
    const text = `The credentials ended ${ago} ago and could not be refreshed; ${use}.`;
    return { severity: 'warning', text, detail: describeTrouble(expired) };
  }
  const failing = credentials.find(({ lastError }) => lastError !== undefined);
  if (failing === undefined) return undefined;
  const leftMs = lifeLeftMs(failing, evidence);
  const life = leftMs === Infinity ? '' : `, ${formatDuration(leftMs)} before they end`;
  const text = `The credentials could not be refreshed${life}.`;
  return { severity: 'warning', text, detail: describeTrouble(failing) };
}

function describeGood(evidence: Evidence): Opinion {
  const { snapshot } = evidence;
  const { credentials } = snapshot;
  const leftMs = Math.min(...credentials.map((status) => lifeLeftMs(status, evidence)));
  const life = leftMs === Infinity ? 'do not end' : `are good for ${formatDuration(leftMs)}`;
  const refreshedAtMs = Math.max(0, ...credentials.map(({ lastRefreshAtMs = 0 }) => lastRefreshAtMs));
  const ago = snapshot.takenAtMs + snapshot.clockOffsetMs - refreshedAtMs;
  const refresh = refreshedAtMs === 0 ? '' : `; refreshed ${formatDuration(Math.max(0, ago))} ago`;
  return ok(`The credentials ${life}${refresh}.`);
}

/** By S3's clock, which decides. */
function lifeLeftMs({ expiresAtMs = Infinity }: CredentialStatus, { snapshot }: Evidence): number {
  return expiresAtMs - (snapshot.takenAtMs + snapshot.clockOffsetMs);
}

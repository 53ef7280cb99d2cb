// When to ask the source again. Pure functions of times and chance; all times are Unix milliseconds, chance is 0 to 1.

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

/** AWS hands out new keys at least five minutes before the old ones end; SDKs start at ten to fifteen (botocore). */
const LEAST_LEAD_MS = 10 * MINUTE_MS;
const LEAD_SPREAD_MS = 5 * MINUTE_MS;
const SAME_EXPIRY_DELAY_MS = MINUTE_MS;
const LONGEST_BACKOFF_MS = MINUTE_MS;
/** Never a busy loop, however short the life. */
const LEAST_DELAY_MS = SECOND_MS;
/** Closer than this to the end S3's refusal may be the keys' age, whatever S3 says. */
const NEAR_EXPIRY_MS = MINUTE_MS;

/**
 * How long to wait after new credentials: until 10 to 15 minutes before they end. Where their life is shorter than that, until between half and two thirds of it is over.
 * (A fixed lead made outages where the life was shorter: aws-sdk-java-v2 #3142.)
 */
export function delayAfterNewMs(nowMs: number, expiresAtMs: number, chance: number): number {
  const lifeMs = expiresAtMs - nowMs;
  return Math.max(LEAST_DELAY_MS, lifeMs - Math.min(leadMs(chance), lifeMs * (1 / 3 + chance / 6)));
}

/**
 * How long to wait after the source gave the same credentials again: about a minute, less where they end before that.
 * Past their end, where AWS may have extended them silently, about a minute again. Where they were asked for early (by
 * force, or by a clock that jumped), until they are due.
 */
export function delayAfterSameMs(nowMs: number, expiresAtMs: number, chance: number): number {
  const lifeMs = expiresAtMs - nowMs;
  const jitter = 0.75 + chance / 2;
  const soonMs = (lifeMs <= 0 ? SAME_EXPIRY_DELAY_MS : Math.min(SAME_EXPIRY_DELAY_MS, lifeMs / 2)) * jitter;
  return Math.max(LEAST_DELAY_MS, soonMs, lifeMs - leadMs(chance));
}

/** By chance, so that a fleet does not ask in step. */
function leadMs(chance: number): number {
  return LEAST_LEAD_MS + chance * LEAD_SPREAD_MS;
}

/** How long to wait after the n-th failure in a row (from 1): 1 s doubled up to a minute, half of it by chance. */
export function delayAfterFailureMs(failures: number, chance: number): number {
  const ceilingMs = Math.min(LONGEST_BACKOFF_MS, 2 * SECOND_MS * 2 ** Math.min(failures - 1, 10));
  return Math.max(LEAST_DELAY_MS, ceilingMs * (0.5 + chance / 2));
}

/** Whether a refusal without a reason may be for the age of the keys. */
export function isNearExpiry(nowMs: number, expiresAtMs: number | undefined): boolean {
  return expiresAtMs !== undefined && expiresAtMs - nowMs < NEAR_EXPIRY_MS;
}

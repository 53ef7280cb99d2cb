import type { FailureName } from '../failures.ts';

// Which answers and failures are worth another attempt, and when. Numbers are those of the AWS SDKs (smithy, "standard"
// retry mode) and of AWS's "Performance design patterns for Amazon S3".

/** Throttling is retried more slowly than an accident. */
export type RetryKind = 'transient' | 'throttling';

const THROTTLING_CODES: ReadonlySet<string> = new Set([
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'RequestThrottled',
  'RequestThrottledException',
  'RequestLimitExceeded',
  'BandwidthLimitExceeded',
  'TooManyRequestsException',
]);

/** Failures after which a GET or HEAD may simply be sent again: S3 has said nothing, or nothing that can be believed. */
const TRANSIENT_FAILURES: ReadonlySet<FailureName> = new Set<FailureName>([
  's3_unreachable',
  's3_reset',
  's3_connect_timeout',
  's3_first_byte_timeout',
  's3_bad_response',
  's3_wrong_range',
]);

const BASE_DELAY_MS: Readonly<Record<RetryKind, number>> = { transient: 75, throttling: 750 };
const LONGEST_DELAY_MS = 20_000;

/** @returns undefined where S3's answer is the answer */
export function classifyAnswer(statusCode: number, code: string | undefined): RetryKind | undefined {
  if (statusCode === 503 || statusCode === 429) return 'throttling';
  if (code !== undefined && THROTTLING_CODES.has(code)) return 'throttling';
  if (statusCode === 500 || statusCode === 502 || statusCode === 504) return 'transient';
  return statusCode === 400 && code === 'RequestTimeout' ? 'transient' : undefined;
}

/** @returns undefined where another attempt would fail the same way, or nobody waits for it */
export function classifyFailure(failure: FailureName): RetryKind | undefined {
  return TRANSIENT_FAILURES.has(failure) ? 'transient' : undefined;
}

/**
 * How long to wait before a retry: by chance between nothing and a bound that doubles ("full jitter", AWS Architecture
 * Blog, "Exponential backoff and jitter"), but no less than S3 asks for.
 * @param retry - 1 for the first. @param chance - 0 to 1. @param retryAfterMs - of S3's Retry-After, if any
 */
export function retryDelayMs(kind: RetryKind, retry: number, chance: number, retryAfterMs = 0): number {
  const boundMs = Math.min(LONGEST_DELAY_MS, BASE_DELAY_MS[kind] * 2 ** (retry - 1));
  return Math.max(retryAfterMs, chance * boundMs);
}

/** Milliseconds of a Retry-After header (RFC 9110 §10.2.3), in either of its forms; 0 for none. */
export function parseRetryAfterMs(value: string | undefined, nowMs: number): number {
  if (value === undefined) return 0;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  // Date.parse reads years and months into bare numbers too.
  const atMs = /^[A-Z][a-z]{2}/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(atMs) ? 0 : Math.max(0, atMs - nowMs);
}

import type { S3Answer } from './ask-s3.ts';
import { findHeader } from './find-header.ts';
import type { Upstream } from './upstream.ts';

/** S3's codes for keys that were good once (AWS, "Error responses"). */
const STALE_KEY_CODES: ReadonlySet<string> = new Set([
  'ExpiredToken',
  'InvalidToken',
  'TokenRefreshRequired',
  'InvalidAccessKeyId',
]);

/**
 * Mends what made S3 refuse a signature, where it can be mended: keys that have ended, and a clock that is wrong.
 * @returns whether a new signature may be accepted
 */
export async function cureRefusal(
  answer: S3Answer,
  { credentials, clock, isClockTrusted }: Upstream,
): Promise<boolean> {
  const { statusCode, headers } = answer.response.head;
  if (statusCode !== 400 && statusCode !== 403) return false;
  const code = answer.error?.code;
  // The answer to a HEAD has no body and so no code; our own clock says whether the keys are to blame.
  const mayBeKeys = code === undefined ? credentials.mayBeExpired() : STALE_KEY_CODES.has(code);
  if (mayBeKeys && (await credentials.replaceRefused(answer.signedWith)) !== answer.signedWith) return true;
  return statusCode === 403 && isClockTrusted && clock.learn(findHeader(headers, 'date'));
}

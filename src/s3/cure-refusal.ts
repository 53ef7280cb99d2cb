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

/** What was mended, for the log. */
export type Cure = 'new_credentials' | 'clock' | 'region';

/**
 * Mends what made S3 refuse the request, where it can be mended: keys that have ended, a clock that is wrong, a region
 * that is not the bucket's.
 * @param mended - for this request already: what that did not help is not mended again
 * @returns undefined where the answer is the answer
 */
export async function cureRefusal(
  answer: S3Answer,
  upstream: Upstream,
  mended: readonly Cure[],
): Promise<Cure | undefined> {
  if (answer.error === undefined) return undefined;
  const cure = cureRegion(answer, upstream, mended) ?? (await cureKeysOrClock(answer, upstream));
  return cure === undefined || mended.includes(cure) ? undefined : cure;
}

function cureRegion(answer: S3Answer, upstream: Upstream, mended: readonly Cure[]): Cure | undefined {
  const region = findBucketRegion(answer);
  if (region === undefined || mended.includes('region')) return undefined;
  // Another request may have learned it in the meantime.
  const isElsewhereNow = upstream.location !== answer.location;
  return isElsewhereNow || upstream.moveTo(region) ? 'region' : undefined;
}

async function cureKeysOrClock(answer: S3Answer, upstream: Upstream): Promise<Cure | undefined> {
  const { statusCode, headers } = answer.response.head;
  if (statusCode !== 400 && statusCode !== 403) return undefined;
  const { credentials, clock, isClockTrusted } = upstream;
  const code = answer.error?.code;
  // The answer to a HEAD has no body and so no code; our own clock says whether the keys are to blame.
  const mayBeKeys = code === undefined ? credentials.mayBeExpired() : STALE_KEY_CODES.has(code);
  if (mayBeKeys && (await credentials.replaceRefused(answer.signedWith)) !== answer.signedWith)
    return 'new_credentials';
  return statusCode === 403 && isClockTrusted && clock.learn(findHeader(headers, 'date'))
    ? 'clock'
    : undefined;
}

/**
 * The region that S3 says a bucket is in, where it was asked in another: a 301 or 307, or a signature for the wrong region
 * (AWS, "Request redirection and the REST API"). A redirect itself is never followed: its host would have to be trusted.
 */
function findBucketRegion({ response: { head }, error, location }: S3Answer): string | undefined {
  const isRedirect = head.statusCode === 301 || head.statusCode === 307;
  // The answer to a HEAD has no code; that it names another region says enough.
  const mayBeScope = error?.code === undefined || error.code === 'AuthorizationHeaderMalformed';
  if (!isRedirect && !(head.statusCode === 400 && mayBeScope)) return undefined;
  const named = findHeader(head.headers, 'x-amz-bucket-region') ?? error?.region ?? readRegion(head.headers);
  const isOther = named !== undefined && named !== location.region;
  return isOther && /^[a-z0-9-]{1,64}$/.test(named) ? named : undefined;
}

/** `https://bucket.s3.REGION.amazonaws.com/…` and its older and newer kin, in the Location of a 307. */
function readRegion(headers: readonly string[]): string | undefined {
  return /^https?:\/\/[^/]*\bs3(?:-fips)?[.-](?:dualstack\.)?([a-z]+(?:-[a-z]+)+-\d+)\.amazonaws\.com(?:\.cn)?(?:[:/]|$)/.exec(
    findHeader(headers, 'location') ?? '',
  )?.[1];
}

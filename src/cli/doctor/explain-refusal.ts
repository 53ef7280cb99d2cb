import { fail, type Finding, warn } from './finding.ts';

/** What S3 said no with. */
interface Refusal {
  readonly statusCode: number;
  readonly code: string | undefined;
}

/** What to do about each of S3's codes that are no matter of one object (AWS, "Error responses"). */
const FIXES: Readonly<Record<string, string>> = {
  InvalidAccessKeyId:
    'the keys were deleted, or are those of another partition or another server; ' +
    'give this machine keys of the account that owns the bucket',
  SignatureDoesNotMatch:
    'the secret does not belong to the key id: write both anew; ' +
    'if they are right, a proxy on the way to S3 changes the request, and must not',
  ExpiredToken: 'the source gives keys that have ended; see what rotates them, and the clock of this machine',
  InvalidToken:
    'the session token does not belong to the keys; write all three of ' +
    'AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN anew',
  TokenRefreshRequired: 'the session token must be renewed; see what rotates it',
  RequestTimeTooSkewed: 'set the clock of this machine: timedatectl set-ntp true',
  RequestExpired: 'set the clock of this machine: timedatectl set-ntp true',
  NoSuchBucket: 'correct s3.bucket, or s3.endpoint if the bucket is on another server',
  InvalidBucketName: 'correct s3.bucket; where the server wants it in the path, set s3.path_style: true',
  AuthorizationHeaderMalformed: 'correct s3.region, and s3.signing_region if it is there',
  PermanentRedirect: 'correct s3.region; the bucket is in another',
  TemporaryRedirect: 'correct s3.region; a new bucket needs some hours until its name leads there',
  AllAccessDisabled: 'AWS has closed the bucket; ask its owner',
  AccountProblem: 'AWS has closed the account of these keys; ask its owner',
  NotSignedUp: 'the account of these keys has no S3; ask its owner',
  IllegalLocationConstraintException: 'enable the region in the account of these keys, or correct s3.region',
};

const UNKNOWN_FIX =
  "look the code up in AWS's list of S3 error responses; " +
  's3.endpoint, s3.signing_region and s3.signing_service decide what is asked';

/** A refusal in words, with what to do about it. @param what - what was asked, such as `the bucket` */
export function explainRefusal(what: string, { statusCode, code }: Refusal, who = 'S3'): Finding {
  const says = `${who} answers ${statusCode}${code === undefined ? '' : ` ${code}`} for ${what}`;
  if (statusCode >= 500 || code === 'SlowDown')
    return warn(
      says,
      `${who} is in trouble or asks for fewer requests; the daemon tries again, and so should you in a minute`,
    );
  return fail(says, (code === undefined ? undefined : FIXES[code]) ?? UNKNOWN_FIX);
}

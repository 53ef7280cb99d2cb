import type { UpstreamAnswer } from '../ask-upstream.ts';
import type { S3Location } from '../../../config/config.ts';
import type { DoctorCheck } from '../doctor-check.ts';
import { explainRefusal } from '../explain-refusal.ts';
import { fail, type Finding, ok, warn } from '../finding.ts';
import type { RouteSubject } from '../route-subject.ts';

/**
 * The identity may read objects (s3:GetObject), and learns which are missing (s3:ListBucket): without the latter a missing
 * key is 403 and not 404 (AWS, "GetObject").
 */
export const check: DoctorCheck = {
  name: 'permissions',
  order: 140,
  deadlineMs: 10_000,
  whenLate: 'S3 does not answer; see the lines of tcp and clock',
  plan: ({ routes }) =>
    routes.map((route) => ({
      subject: route.name,
      needs: [...route.asked, { check: 'signature', subject: route.name }],
      run: (signal) => look(route, signal),
    })),
};

async function look(route: RouteSubject, signal: AbortSignal): Promise<Finding> {
  const missing = await route.askForMissing(signal);
  const present = route.key === undefined ? undefined : await route.askForKey(signal);
  if (missing.statusCode < 300)
    return fail(
      'S3 gives an object for a key that nobody has',
      's3.endpoint leads to a website or a cache; write that of the S3 server itself',
    );
  if (present !== undefined && isDenied(present)) return explainDenied(route, missing, present);
  const mayList = missing.statusCode === 404;
  const facts = { may_list: mayList, may_get: present === undefined ? mayList : isThere(present) };
  if (present !== undefined && !isThere(present) && present.statusCode !== 404)
    return explainRefusal('the key', present);
  if (mayList) return ok('s3:GetObject and s3:ListBucket: a missing key is 404', facts);
  return present === undefined ? explainUntold(route, facts) : explainNoList(route, facts);
}

function isDenied({ statusCode }: UpstreamAnswer): boolean {
  return statusCode === 403;
}

/** An empty object has no first byte. */
function isThere({ statusCode }: UpstreamAnswer): boolean {
  return statusCode < 300 || statusCode === 416;
}

function explainDenied(
  { route: { s3 } }: RouteSubject,
  missing: UpstreamAnswer,
  { code }: UpstreamAnswer,
): Finding {
  const facts = { may_get: false, may_list: missing.statusCode === 404 };
  if (code === 'InvalidObjectState')
    return fail(
      'the key is in an archive (InvalidObjectState)',
      'restore it: aws s3api restore-object',
      facts,
    );
  if (missing.statusCode === 404)
    return fail(
      'objects may be read, but not this one',
      'if it is encrypted by SSE-KMS, grant kms:Decrypt on its key; else look for a Deny in the bucket policy, ' +
        'and whether another account owns the object',
      facts,
    );
  return fail(
    's3:GetObject is denied',
    `grant s3:GetObject on ${arnOf(s3)}/${s3.prefix === '' ? '' : `${s3.prefix}/`}*; then look at the bucket policy, ` +
      'the policy of the VPC endpoint, and kms:Decrypt. Without s3:ListBucket a key that is missing looks the same',
    facts,
  );
}

function explainNoList(
  { route: { s3 } }: RouteSubject,
  facts: { may_list: boolean; may_get: boolean },
): Finding {
  return warn(
    's3:GetObject is there, s3:ListBucket is not: a missing key is 403',
    `grant s3:ListBucket on ${arnOf(s3)}, and missing keys become 404`,
    facts,
  );
}

function explainUntold({ route: { s3 }, name }: RouteSubject, facts: { may_list: boolean }): Finding {
  return warn(
    'a missing key is 403, so s3:ListBucket is not there, and s3:GetObject perhaps neither',
    `give a key that is there after --key (${name}…), which tells; grant s3:ListBucket on ${arnOf(s3)} for 404`,
    { may_list: facts.may_list },
  );
}

function arnOf({ bucket, region }: S3Location): string {
  if (bucket.startsWith('arn:')) return `${bucket}/object`;
  const partition = region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
  return `arn:${partition}:s3:::${bucket}`;
}

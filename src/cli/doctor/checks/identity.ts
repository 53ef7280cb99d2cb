import { ProxyFailure } from '../../../failures.ts';
import { askIdentity, findStsUrl, type IdentityAnswer } from '../ask-identity.ts';
import type { DoctorCheck } from '../doctor-check.ts';
import type { DoctorSetup } from '../doctor-setup.ts';
import { explainRefusal } from '../explain-refusal.ts';
import { fail, type Finding, ok, skip, warn } from '../finding.ts';
import type { IdentitySubject } from '../identity-subject.ts';

/** AWS knows the credentials, and says whose they are (STS GetCallerIdentity, which needs no permission). */
export const check: DoctorCheck = {
  name: 'identity',
  order: 100,
  deadlineMs: 10_000,
  whenLate:
    'STS does not answer; see the fix for a network without a way to it: an interface endpoint for STS',
  plan: (setup) =>
    setup.identities.map((identity) => ({
      subject: identity.name,
      needs: [{ check: 'credentials', subject: identity.name }],
      run: (signal) => look(identity, setup, signal),
    })),
};

async function look(identity: IdentitySubject, setup: DoctorSetup, signal: AbortSignal): Promise<Finding> {
  const isAws = setup.routes.some(
    (route) => route.identity === identity && route.route.s3.endpoint === undefined,
  );
  const url = findStsUrl(identity.region, setup.environment, isAws);
  if (url === undefined)
    return skip('s3.endpoint is not AWS; AWS_ENDPOINT_URL_STS can name an STS that knows these keys');
  try {
    return judge(await askIdentity(url, { identity, setup, signal }));
  } catch (error) {
    if (!(error instanceof ProxyFailure)) throw error;
    return warn(
      `STS cannot be asked at ${url} (${error.failure})`,
      'S3 can be read all the same, unless credentials come from STS themselves; ' +
        'a private network needs an interface endpoint for STS',
    );
  }
}

function judge({ statusCode, code, arn }: IdentityAnswer): Finding {
  if (arn !== undefined) return ok(arn, { arn });
  if (code === 'InvalidClientTokenId')
    return fail(
      'AWS does not know the key id',
      'the keys were deleted or deactivated, or are of another partition; give this machine others, or attach a role',
    );
  return explainRefusal('GetCallerIdentity', { statusCode, code }, 'STS');
}

import { CredentialError, maskKeyId } from '../../../credentials/issued-credentials.ts';
import type { DoctorCheck } from '../doctor-check.ts';
import { fail, type Finding, ok } from '../finding.ts';
import type { IdentitySubject } from '../identity-subject.ts';

/** Every source of credentials that the configuration names gives some, when it is asked now. */
export const check: DoctorCheck = {
  name: 'credentials',
  order: 80,
  deadlineMs: 65_000,
  whenLate: 'the source does not answer; run its command by hand, or look at the network between',
  plan: ({ identities }) =>
    identities.map((identity) => ({
      subject: identity.name,
      run: () => fetchOnce(identity),
    })),
};

/** By what a failing source is called in the error, whose sentence says which of its troubles it is. */
const FIXES: readonly (readonly [source: RegExp, fix: string])[] = [
  [
    /^role /,
    "allow sts:AssumeRole to the source's identity, name that identity in the trust policy of the role, " +
      'and give the external_id it asks for',
  ],
  [
    /^environment/,
    'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN) where the daemon runs: ' +
      'a service does not see those of your shell',
  ],
  [/^SSO/, 'run aws sso login for the profile, as the user of the daemon'],
  [
    /^shared/,
    'see that the profile is in ~/.aws/config or ~/.aws/credentials of the user that the daemon runs as, ' +
      'and complete; for SSO run aws sso login',
  ],
  [/^credential process/, 'run the credential_process of the profile by hand, as the user of the daemon'],
  [
    /^web identity/,
    "see that the token file is mounted, and that the role's trust policy names the cluster's OIDC provider and this service account",
  ],
  [
    /^container/,
    'give the ECS task a role, or the EKS service account a Pod Identity association, and see that the agent runs',
  ],
  [/^instance/, 'attach an instance profile to the instance; in a container also raise the hop limit to 2'],
  [/^no credentials/, 'attach an instance profile, or name another source in credentials.source'],
];

async function fetchOnce(identity: IdentitySubject): Promise<Finding> {
  try {
    const { accessKeyId } = await identity.issued();
    return ok(`${identity.source}, key ${maskKeyId(accessKeyId)}`, { key_id: maskKeyId(accessKeyId) });
  } catch (error) {
    if (!(error instanceof CredentialError)) throw error;
    const [, fix = ''] = FIXES.find(([source]) => source.test(error.message)) ?? [];
    return fail(error.message, `${fix} (docs/credentials.md)`);
  }
}

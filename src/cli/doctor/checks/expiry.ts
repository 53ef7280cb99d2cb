import type { IssuedCredentials } from '../../../credentials/issued-credentials.ts';
import type { DoctorCheck } from '../doctor-check.ts';
import { fail, type Finding, ok, warn } from '../finding.ts';

/** What the source gives lives for long enough to be renewed in time. */
export const check: DoctorCheck = {
  name: 'expiry',
  order: 90,
  deadlineMs: 65_000,
  whenLate: 'see the line of credentials',
  plan: ({ identities, clock }) =>
    identities.map((identity) => ({
      subject: identity.name,
      needs: [{ check: 'credentials', subject: identity.name }],
      run: async () => judge(await identity.issued(), clock.nowMs()),
    })),
};

/** AWS has new ones at least that long before the old ones end (EC2 User Guide, "Retrieve security credentials"). */
const LEAST_LIFE_S = 5 * 60;
const FIX =
  'something between AWS and this machine keeps old credentials: look at what writes them, and at the clock';

/** @param nowMs - by S3's clock, as far as it is known */
function judge({ expiresAtMs }: IssuedCredentials, nowMs: number): Finding {
  if (expiresAtMs === undefined) return ok('they do not end');
  const seconds = Math.floor((expiresAtMs - nowMs) / 1000);
  const facts = { seconds_to_expiry: seconds };
  if (seconds <= 0)
    return fail(`they ended ${-seconds} s ago; S3 refuses them unless AWS has extended them`, FIX, facts);
  if (seconds < LEAST_LIFE_S)
    return warn(`they end in ${seconds} s, and the source has no newer ones`, FIX, facts);
  return ok(`they end in ${seconds} s`, facts);
}

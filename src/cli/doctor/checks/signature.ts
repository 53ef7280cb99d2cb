import type { UpstreamAnswer } from '../ask-upstream.ts';
import type { DoctorCheck } from '../doctor-check.ts';
import { explainRefusal } from '../explain-refusal.ts';
import { type Finding, ok } from '../finding.ts';

/** S3 knows the keys and accepts what the daemon signs, whatever it may then permit. */
export const check: DoctorCheck = {
  name: 'signature',
  order: 130,
  deadlineMs: 10_000,
  whenLate: 'S3 does not answer; see the lines of tcp and clock',
  plan: ({ routes }) =>
    routes.map((route) => ({
      subject: route.name,
      needs: [...route.asked, { check: 'region', subject: route.name }],
      run: async (signal) => judge(await route.askForMissing(signal)),
    })),
};

/** What S3 says only after it has accepted the signature. */
const ACCEPTED: ReadonlySet<string> = new Set(['AccessDenied', 'InvalidRange']);

function judge({ statusCode, code = '' }: UpstreamAnswer): Finding {
  const isMissing = statusCode === 404 && code !== 'NoSuchBucket';
  if (statusCode < 300 || isMissing || ACCEPTED.has(code)) return ok('S3 accepts the keys and the signature');
  return explainRefusal('a signed request', { statusCode, code: code === '' ? undefined : code });
}

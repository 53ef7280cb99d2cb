import { findHeader } from '../../../s3/find-header.ts';
import { sendOnce } from '../ask-upstream.ts';
import type { DoctorCheck } from '../doctor-check.ts';
import { fail, type Finding, ok, warn } from '../finding.ts';
import type { RouteSubject } from '../route-subject.ts';

/** The clock of this machine agrees with that of S3, which refuses signatures of another quarter of an hour. */
export const check: DoctorCheck = {
  name: 'clock',
  order: 60,
  deadlineMs: 10_000,
  whenLate: 'S3 takes connections but does not answer; see that s3.endpoint leads to an S3',
  plan: ({ routes }) =>
    routes
      .filter(({ endpoint }, index) => routes.findIndex((other) => other.endpoint === endpoint) === index)
      .map((route) => ({
        subject: route.endpoint.name,
        needs: route.endpoint.reached,
        run: async (signal) => judge(await askForDate(route, signal), route),
      })),
};

/** AWS's limit (AWS, "Authenticating requests"). */
const LARGEST_SKEW_MS = 15 * 60_000;
/** What a machine that is kept in time never has. */
const ODD_SKEW_MS = 30_000;
const FIX =
  'set the clock and keep it: timedatectl set-ntp true, ' +
  'or chrony with 169.254.169.123, which is the time server of AWS on every instance';

/** Unsigned, so that neither keys nor the clock itself decide whether there is an answer. */
async function askForDate({ upstream, endpoint }: RouteSubject, signal: AbortSignal): Promise<number> {
  const { host, basePath } = endpoint.endpoint;
  const request = { method: 'HEAD', target: basePath, headers: ['host', host] } as const;
  const response = await sendOnce(upstream.location.client, request, signal);
  response.discard();
  return Date.parse(findHeader(response.head.headers, 'date') ?? '');
}

function judge(s3NowMs: number, { upstream }: RouteSubject): Finding {
  // Its Date has no fractions of a second.
  const aheadMs = Date.now() - (s3NowMs + 500);
  if (Number.isNaN(aheadMs))
    return warn(
      'its answer has no Date, so the clocks cannot be compared',
      's3.endpoint leads to something that is no S3 or takes headers away; see that it is the server you mean',
    );
  const seconds = Math.round(aheadMs / 1000);
  const says = `this machine is ${Math.abs(seconds)} s ${seconds < 0 ? 'behind' : 'ahead of'} S3`;
  const facts = { ahead_s: seconds };
  if (Math.abs(aheadMs) < ODD_SKEW_MS) return ok(says, facts);
  if (Math.abs(aheadMs) < LARGEST_SKEW_MS) return warn(says, FIX, facts);
  // As the daemon does, so that what comes after can be looked at.
  if (upstream.isClockTrusted) upstream.clock.adopt(-aheadMs);
  return fail(`${says}: it refuses what is signed more than 15 minutes off`, FIX, facts);
}

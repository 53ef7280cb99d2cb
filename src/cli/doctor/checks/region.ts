import type { DoctorCheck } from '../doctor-check.ts';
import { explainRefusal } from '../explain-refusal.ts';
import { fail, type Finding, ok, warn } from '../finding.ts';
import type { RouteSubject } from '../route-subject.ts';

/** Every bucket is there, in the region of the configuration (HeadBucket says which, even to those it refuses). */
export const check: DoctorCheck = {
  name: 'region',
  order: 120,
  deadlineMs: 10_000,
  whenLate: 'S3 does not answer; see the lines of tcp and clock',
  plan: ({ routes }) =>
    routes.map((route) => ({
      subject: route.name,
      needs: route.asked,
      run: (signal) => look(route, signal),
    })),
};

async function look(route: RouteSubject, signal: AbortSignal): Promise<Finding> {
  const { bucket } = route.route.s3;
  const configured = route.upstream.location.region;
  const { statusCode, region = await findInError(route, signal), code } = await route.headBucket(signal);
  if (statusCode === 404) return explainRefusal(`the bucket ${bucket}`, { statusCode, code: 'NoSuchBucket' });
  if (region === undefined || region === configured) return judgeUntold(route, { statusCode, region, code });
  const facts = { configured, region };
  const says = `${bucket} is in ${region}, and is asked in ${configured}`;
  const fix = `write s3.region: ${region}${route.name === '/' ? '' : ` in the route ${route.name}`}`;
  if (!route.upstream.moveTo(region)) return fail(says, fix, facts);
  return warn(says, `${fix}; until then the daemon learns it anew at each start`, facts);
}

/** The answer to a HEAD has no body, and not every one the header; that to a GET names the region in its XML. */
async function findInError(route: RouteSubject, signal: AbortSignal): Promise<string | undefined> {
  return (await route.askForMissing(signal)).region;
}

function judgeUntold(
  route: RouteSubject,
  { statusCode, region, code }: { statusCode: number; region: string | undefined; code: string | undefined },
): Finding {
  const { bucket } = route.route.s3;
  const { location } = route.upstream;
  if (region !== undefined) return ok(`${bucket} is in ${region}`, { region });
  const isElsewhere = statusCode === 301 || statusCode === 307;
  if (!isElsewhere) return ok(`${bucket} is asked in ${location.region}, and nobody says it is elsewhere`);
  return explainRefusal(`the bucket ${bucket}`, { statusCode, code: code ?? 'PermanentRedirect' });
}

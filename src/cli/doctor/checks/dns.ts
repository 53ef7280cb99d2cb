import type { DoctorCheck } from '../doctor-check.ts';
import type { EndpointSubject } from '../endpoint-subject.ts';
import { fail, type Finding, ok } from '../finding.ts';

/** The name of every host that S3 is asked at leads to addresses. */
export const check: DoctorCheck = {
  name: 'dns',
  order: 30,
  deadlineMs: 6000,
  whenLate:
    'the name servers of /etc/resolv.conf do not answer; correct them, or let UDP and TCP to their port 53 out',
  plan: ({ endpoints }) =>
    endpoints
      .filter(({ isNamed }) => isNamed)
      .map((endpoint) => ({ subject: endpoint.name, run: () => resolveName(endpoint) })),
};

async function resolveName(endpoint: EndpointSubject): Promise<Finding> {
  try {
    const addresses = await endpoint.addresses();
    return ok(addresses.join(' '), { addresses: addresses.length });
  } catch (error) {
    const { code = 'no code' } = error as NodeJS.ErrnoException;
    const { hostname } = endpoint.endpoint;
    if (code === 'EAI_AGAIN') return fail(`no name server answers (${code})`, check.whenLate);
    return fail(`there is no ${hostname} (${code})`, findFix(endpoint));
  }
}

function findFix({ s3, endpoint }: EndpointSubject): string {
  if (s3.endpoint === undefined) return `is s3.region: ${s3.region} spelt as AWS spells it?`;
  // A custom server seldom has a name for every bucket.
  const isBucketInName = endpoint.basePath === '/';
  return isBucketInName
    ? 'correct s3.endpoint, or set s3.path_style: true if the server wants the bucket in the path'
    : 'correct the host name in s3.endpoint';
}

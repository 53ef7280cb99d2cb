import { askThrough, type ThroughAnswer } from '../ask-through.ts';
import type { DoctorCheck } from '../doctor-check.ts';
import type { DoctorSetup } from '../doctor-setup.ts';
import { fail, type Finding, ok } from '../finding.ts';
import { formatAddress } from '../format-address.ts';

/** nginx in front answers at the given address, and reaches the daemon. */
export const check: DoctorCheck = {
  name: 'nginx',
  order: 200,
  deadlineMs: 10_000,
  whenLate:
    'nginx takes the connection and does not answer; its proxy_read_timeout and its error log say why',
  plan: (setup) => {
    const { through } = setup;
    return through === undefined
      ? []
      : [{ subject: through.href, run: (signal) => look(setup, through, signal) }];
  },
};

async function look(setup: DoctorSetup, through: URL, signal: AbortSignal): Promise<Finding> {
  try {
    const answer = await askThrough(through, { range: 'bytes=0-0', signal });
    return judge(answer, setup);
  } catch (error) {
    const { code = 'no code' } = error as NodeJS.ErrnoException;
    return fail(
      `nobody answers there (${code})`,
      'is nginx running (systemctl status nginx), and does one of its server blocks listen at this address?',
    );
  }
}

function judge({ status }: ThroughAnswer, { config }: DoctorSetup): Finding {
  const facts = { status };
  if (status === 502 || status === 504) {
    const addresses = config.listen.map(formatAddress).join(' or ');
    return fail(
      `it answers ${status}: nginx does not reach s3-helper, or s3-helper not S3`,
      `see that its upstream names ${addresses}, that its user may write to a unix socket, and what its error log says`,
      facts,
    );
  }
  if (status === 404)
    return fail('it answers 404', 'give the address of an object that is there after --through', facts);
  // A refusal of the Host is for the next line to tell.
  if (status < 300 || status === 416 || status === 421) return ok(`it answers ${status}`, facts);
  return fail(
    `it answers ${status}`,
    'give an address after --through that leads to an object without a login or a redirect',
    facts,
  );
}

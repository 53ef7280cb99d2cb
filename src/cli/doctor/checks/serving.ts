import type { DoctorCheck } from '../doctor-check.ts';
import type { DoctorSetup } from '../doctor-setup.ts';
import { getText } from '../ask-daemon.ts';
import { fail, type Finding, ok, skip } from '../finding.ts';
import { formatAddress } from '../format-address.ts';
import { spellKey } from '../key-spellings.ts';
import type { RouteSubject } from '../route-subject.ts';

/** A running daemon gives the object of the given key, as S3 does, however a client percent-encodes it. */
export const check: DoctorCheck = {
  name: 'serving',
  order: 170,
  deadlineMs: 20_000,
  whenLate:
    'the running daemon does not answer; look at its log, and at what S3 and the credentials say above',
  plan: (setup) => {
    const route = setup.routes.find(({ key }) => key !== undefined);
    if (route === undefined) return [];
    return setup.config.listen.map((address, index) => ({
      subject: formatAddress(address),
      needs: [
        { check: 'listen', subject: formatAddress(address) },
        { check: 'encoding', subject: route.name },
      ],
      run: (signal) => look(setup, { route, index, signal }),
    }));
  },
};

const TIMEOUT_MS = 4000;
const RESTART =
  'restart the daemon with this configuration: it runs with another one, or with an older state of it';

interface Looking {
  readonly route: RouteSubject;
  readonly index: number;
  readonly signal: AbortSignal;
}

async function look(setup: DoctorSetup, { route, index, signal }: Looking): Promise<Finding> {
  const address = setup.config.listen[index];
  if (address === undefined || (await setup.whoListens(index)).who !== 's3-helper')
    return skip('no s3-helper runs there');
  const { header } = await route.askForKey(signal);
  const etag = header('etag');
  const spellings = spellKey(route.key ?? '');
  for (const spelling of spellings) {
    const path = `${route.name}${spelling}`;
    const { status, headers } = await getText(address, { path, method: 'HEAD', timeoutMs: TIMEOUT_MS });
    if (status !== 200) return fail(`the daemon answers ${status} for HEAD ${path}, and S3 has it`, RESTART);
    if (headers['etag'] !== etag)
      return fail(`the daemon gives another object than S3 for HEAD ${path}`, RESTART);
  }
  return ok(`the same object as S3's, percent-encoded in ${spellings.length} ways`);
}

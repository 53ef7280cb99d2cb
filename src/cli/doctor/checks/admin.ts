import type { ListenAddress } from '../../../config/config.ts';
import { getText } from '../ask-daemon.ts';
import type { DoctorCheck } from '../doctor-check.ts';
import type { DoctorSetup } from '../doctor-setup.ts';
import { fail, type Finding, ok, warn } from '../finding.ts';
import { formatAddress } from '../format-address.ts';
import { readReadiness } from '../readiness.ts';

/** The listener for the operator answers where a daemon runs, and says that it is ready. */
export const check: DoctorCheck = {
  name: 'admin',
  order: 190,
  deadlineMs: 5000,
  whenLate: 'what listens there does not answer; see who it is with ss -ltnp',
  plan: (setup) => {
    const { listen } = setup.config.admin;
    return listen === undefined
      ? []
      : [{ subject: formatAddress(listen), run: async () => look(listen, await isRunning(setup)) }];
  },
};

const TIMEOUT_MS = 3000;
const STATUS_FIX = 'the status page there and the log of the daemon say more; the lines above say what to do';

async function isRunning({ config, whoListens }: DoctorSetup): Promise<boolean> {
  const probes = await Promise.all(config.listen.map((_, index) => whoListens(index)));
  return probes.some(({ who }) => who === 's3-helper');
}

async function look(listen: ListenAddress, isDaemonRunning: boolean): Promise<Finding> {
  let answer;
  try {
    answer = await getText(listen, { path: '/readyz', timeoutMs: TIMEOUT_MS });
  } catch (error) {
    const { code = 'no code' } = error as NodeJS.ErrnoException;
    if (!isDaemonRunning && ['ECONNREFUSED', 'ENOENT'].includes(code))
      return ok('free, as no s3-helper runs');
    return fail(
      `nobody answers there (${code}), and s3-helper runs`,
      'restart the daemon with this configuration: it runs without admin.listen, or with another one',
    );
  }
  const readiness = readReadiness(answer);
  if (readiness === undefined)
    return fail(
      `something that is no s3-helper answers there (status ${answer.status})`,
      'write another address in admin.listen, or end what listens there (ss -ltnp)',
    );
  if (readiness.status === 'pass') return ok('ready');
  return readiness.isReady
    ? warn(`ready, but: ${readiness.reason}`, STATUS_FIX)
    : fail(`not ready: ${readiness.reason}`, STATUS_FIX);
}

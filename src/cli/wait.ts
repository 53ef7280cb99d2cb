import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config/config.ts';
import type { ConfigSources } from '../config/read-config.ts';
import { askDaemon, getText } from './doctor/ask-daemon.ts';
import { formatAddress } from './doctor/format-address.ts';
import { readReadiness } from './doctor/readiness.ts';
import { EXIT_CONFIG } from './exit-codes.ts';
import { readConfigOrExplain } from './read-config-or-explain.ts';

const PAUSE_MS = 100;
/** Of one question, so that a daemon that comes later is found. */
const QUESTION_TIMEOUT_MS = 2000;

/** Waits until the daemon of this configuration is ready. @returns 0, 1 where it is not in time, or 78 */
export async function waitUntilReady(sources: ConfigSources, timeoutMs: number): Promise<number> {
  // Who waits need not know the region.
  const explained = await readConfigOrExplain(sources, () =>
    Promise.resolve({ region: 'us-east-1', origin: 'nowhere' }),
  );
  if (explained === undefined) return EXIT_CONFIG;
  const nowhere = findUnknownAddress(explained.config);
  if (nowhere !== undefined) {
    process.stderr.write(`s3-helper: ${nowhere} is another port each time; write one to wait for\n`);
    return 1;
  }
  const endsAtMs = performance.now() + timeoutMs;
  for (;;) {
    const leftMs = endsAtMs - performance.now();
    const reason = await findReasonToWait(
      explained.config,
      Math.max(1, Math.min(leftMs, QUESTION_TIMEOUT_MS)),
    );
    if (reason === undefined) return 0;
    if (performance.now() + PAUSE_MS >= endsAtMs) {
      process.stderr.write(`s3-helper: not ready after ${timeoutMs} ms: ${reason}\n`);
      return 1;
    }
    await sleep(PAUSE_MS);
  }
}

/** An address that is asked and that only the daemon knows, for the system chooses it. */
function findUnknownAddress({ admin, listen }: Config): string | undefined {
  const asked = admin.listen === undefined ? listen : [admin.listen];
  const unknown = asked.find((address) => address.kind === 'tcp' && address.port === 0);
  return unknown && `${admin.listen === undefined ? 'listen' : 'admin.listen'} ${formatAddress(unknown)}`;
}

/** @returns undefined where there is none any more */
function findReasonToWait(config: Config, timeoutMs: number): Promise<string | undefined> {
  return config.admin.listen === undefined
    ? findSilentListener(config, timeoutMs)
    : findUnreadiness(config.admin.listen, timeoutMs);
}

async function findUnreadiness(
  listen: NonNullable<Config['admin']['listen']>,
  timeoutMs: number,
): Promise<string | undefined> {
  const where = `admin.listen ${formatAddress(listen)}`;
  try {
    const answer = await getText(listen, { path: '/readyz', timeoutMs });
    const readiness = readReadiness(answer);
    if (readiness === undefined) return `${where} is answered by something else (status ${answer.status})`;
    return readiness.isReady ? undefined : `${where} says: ${readiness.reason}`;
  } catch (error) {
    const { code = 'no code' } = error as NodeJS.ErrnoException;
    return `${where} does not answer (${code})`;
  }
}

/** Every address must answer. */
async function findSilentListener({ listen }: Config, timeoutMs: number): Promise<string | undefined> {
  const probes = await Promise.all(
    listen.map(async (address) => ({ address, probe: await askDaemon(address, timeoutMs) })),
  );
  for (const { address, probe } of probes) {
    const where = `listen ${formatAddress(address)}`;
    if (probe.who === 'other') return `${where} is answered by something else (${probe.said})`;
    if (probe.who === 'nobody') return `${where} does not answer (${probe.code})`;
  }
  return undefined;
}

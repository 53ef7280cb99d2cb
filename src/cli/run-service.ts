import type { ConfigSources } from '../config/read-config.ts';
import { CredentialPool } from '../credentials/credential-pool.ts';
import type { PassedSockets } from '../daemon/listen-points.ts';
import { SigningClock } from '../s3/signing-clock.ts';
import type { Logger } from '../telemetry/create-logger.ts';
import { DaemonLife } from './daemon-life.ts';
import { type Monitoring, openMonitoring } from './open-monitoring.ts';
import type { FoundConfig } from './read-config-and-region.ts';
import { ReloadableService } from './reloadable-service.ts';
import type { Serving, ServingParts } from './serving.ts';
import { openServiceManager } from './systemd/service-manager.ts';
import { watchSignals } from './watch-signals.ts';

export interface ServiceParts {
  readonly found: FoundConfig;
  /** To read again at a reload. */
  readonly sources: ConfigSources;
  readonly logger: Logger;
  /** Listening sockets that were handed to this process. */
  readonly passed: PassedSockets;
}

/** Beyond the drain's deadline, for the last metrics and what hangs. */
const END_MARGIN_MS = 10_000;

/** Serves until a signal ends it. @param open - makes what serves @returns the exit code @throws {ListenError} */
export async function runService(
  parts: ServiceParts,
  open: (parts: ServingParts) => Promise<Serving>,
): Promise<number> {
  const { found, sources, logger, passed } = parts;
  const { config } = found;
  const { environment } = sources;
  logFound(found, logger);
  const clock = createClock(logger);
  let serving: Serving | undefined;
  const pool = new CredentialPool({
    ...{ environment, logger, clock },
    onRefreshed: (key, issued) => serving?.tellCredentials(key, issued),
  });
  const manager = openServiceManager(environment, logger);
  const service = new ReloadableService({ ...parts, pool, manager });
  const signals = watchSignals(() => {
    logger.info({}, 'SIGHUP: fetching the credentials and reading the configuration');
    pool.refresh();
    service.requestReload();
  });
  try {
    const { credentials } = service;
    serving = await open({ config, credentials, pool, logger, clock, environment, passed });
    const life = new DaemonLife();
    const monitoring = await watchServing(serving, { service, life, logger, clock, pool });
    const listen = await serving.start();
    life.noteListening();
    const admin = monitoring?.adminAddress;
    logger.info({ listen, admin, node: process.versions.node, ...serving.logFields }, 'listening');
    service.open(serving, listen);
    await signals.first;
    life.noteDraining();
    service.close();
    const { drainMs } = service.config.timeouts;
    logger.info({ deadline_ms: drainMs }, 'draining');
    manager.stopping('Finishing the responses that are under way', drainMs + END_MARGIN_MS);
    const drained = serving.drain(drainMs).then(async (fields) => {
      await monitoring?.close();
      logger.info(fields, 'stopped');
      await manager.close();
      return 0;
    });
    return await Promise.race([drained, signals.second]);
  } finally {
    // After a second signal, or a start that failed.
    serving?.kill();
    service.close();
    pool.close();
  }
}

function logFound({ config, discovered }: FoundConfig, logger: Logger): void {
  for (const warning of config.warnings) logger.warn({}, warning);
  if (discovered !== undefined) logger.info(discovered, 'no region is configured; one was found');
}

function createClock(logger: Logger): SigningClock {
  return new SigningClock((offsetMs) => {
    const offsetSeconds = Math.round(offsetMs / 1000);
    logger.warn({ clock_offset_s: offsetSeconds }, "this machine's clock is wrong; signing with S3's time");
  });
}

interface Watched {
  readonly service: ReloadableService;
  readonly life: DaemonLife;
  readonly logger: Logger;
  readonly clock: SigningClock;
  readonly pool: CredentialPool;
}

async function watchServing(
  serving: Serving,
  { service, life, logger, clock, pool }: Watched,
): Promise<Monitoring | undefined> {
  const { collect } = serving;
  if (collect === undefined) return undefined;
  return openMonitoring({
    ...{ logger, clock, collect },
    // Read anew at each look, as a reload changes them.
    get config() {
      return service.config;
    },
    get credentials() {
      return service.credentials.managers;
    },
    readState: () => ({
      ...life.describe(serving.countWorkers(), service.reloads),
      fetches: pool.fetches,
    }),
  });
}

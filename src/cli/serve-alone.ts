import type { Config } from '../config/config.ts';
import type { ConfigSources } from '../config/read-config.ts';
import { groupCredentials } from '../credentials/group-credentials.ts';
import { openCredentials } from '../credentials/open-credentials.ts';
import { createDaemon } from '../daemon/create-daemon.ts';
import { loadClients } from '../s3/load-clients.ts';
import type { SigningClock } from '../s3/signing-clock.ts';
import type { Logger } from '../telemetry/create-logger.ts';
import { watchSignals } from './watch-signals.ts';

/** What both ways to serve are made of. */
export interface ServeParts {
  readonly config: Config;
  readonly logger: Logger;
  readonly clock: SigningClock;
  readonly environment: ConfigSources['environment'];
}

/** Serves in this process until a signal ends it. @returns the exit code @throws {ListenError} */
export async function serveAlone({ config, logger, clock, environment }: ServeParts): Promise<number> {
  const credentials = openCredentials(config, { environment, logger, clock });
  const { indexOf } = groupCredentials(config);
  const signals = watchSignals(() => {
    logger.info({}, 'SIGHUP: fetching the credentials');
    credentials.refresh();
  });
  try {
    const daemon = createDaemon({
      config,
      createClient: await loadClients(config.routes.map(({ s3 }) => s3.client)),
      clock,
      logger,
      credentials: {
        forRoute: (route) => {
          const manager = credentials.managers[indexOf(route)];
          if (manager === undefined) throw new Error(`the route ${route.path} has no credentials`);
          return manager;
        },
      },
    });
    logger.info({ listen: await daemon.start(), node: process.versions.node }, 'listening');
    await signals.first;
    const { drainMs } = config.timeouts;
    logger.info({ deadline_ms: drainMs }, 'draining');
    const drained = daemon.drain(drainMs).then((cutCount) => {
      logger.info({ responses_cut: cutCount }, 'stopped');
      return 0;
    });
    return await Promise.race([drained, signals.second]);
  } finally {
    credentials.close();
  }
}

import type { Config } from '../config/config.ts';
import type { ConfigSources } from '../config/read-config.ts';
import { groupCredentials } from '../credentials/group-credentials.ts';
import { openCredentials } from '../credentials/open-credentials.ts';
import { createDaemon } from '../daemon/create-daemon.ts';
import { loadClients } from '../s3/load-clients.ts';
import type { SigningClock } from '../s3/signing-clock.ts';
import type { Logger } from '../telemetry/create-logger.ts';
import { openNewRelic } from '../telemetry/open-new-relic.ts';
import { openServingTelemetry } from '../telemetry/open-serving-telemetry.ts';
import { DaemonLife } from './daemon-life.ts';
import { openMonitoring } from './open-monitoring.ts';
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
    const newRelic = await openNewRelic(config, process.env, logger);
    const serving = await openServingTelemetry(config, 'alone');
    const daemon = createDaemon({
      config,
      createClient: await loadClients(config.routes.map(({ s3 }) => s3.client)),
      clock,
      logger,
      otherSinks: [newRelic, serving].flatMap((part) => part?.sink ?? []),
      observer: serving,
      credentials: {
        forRoute: (route) => {
          const manager = credentials.managers[indexOf(route)];
          if (manager === undefined) throw new Error(`the route ${route.path} has no credentials`);
          return manager;
        },
      },
    });
    serving?.watch(() => daemon.readState());
    const life = new DaemonLife();
    const monitoring =
      serving &&
      (await openMonitoring({
        ...{ config, logger, clock, credentials: credentials.managers },
        collect: async (scope) => ({
          reports: [await serving.report(scope)],
          otherFamilies: [],
          otherFailures: [],
          otherTimings: [],
        }),
        readState: () => life.describe(),
      }));
    const listen = await daemon.start();
    life.noteListening();
    const { adminAddress: admin } = monitoring ?? {};
    logger.info({ listen, admin, node: process.versions.node }, 'listening');
    await signals.first;
    life.noteDraining();
    const { drainMs } = config.timeouts;
    logger.info({ deadline_ms: drainMs }, 'draining');
    const drained = daemon.drain(drainMs).then(async (cutCount) => {
      await Promise.all([newRelic?.stop(), monitoring?.close()]);
      logger.info({ responses_cut: cutCount }, 'stopped');
      return 0;
    });
    return await Promise.race([drained, signals.second]);
  } finally {
    credentials.close();
  }
}

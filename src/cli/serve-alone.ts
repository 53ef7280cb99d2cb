import type { Config } from '../config/config.ts';
import type { CredentialLease } from '../credentials/credential-pool.ts';
import { createDaemon, type NextParts } from '../daemon/create-daemon.ts';
import { loadClients } from '../s3/load-clients.ts';
import { openNewRelic } from '../telemetry/open-new-relic.ts';
import { openServingTelemetry } from '../telemetry/open-serving-telemetry.ts';
import type { Serving, ServingParts } from './serving.ts';

/** Serves in this process. */
export async function serveAlone(parts: ServingParts): Promise<Serving> {
  const { config, credentials, logger, clock, environment, passed } = parts;
  const newRelic = await openNewRelic(config, environment, logger);
  const telemetry = await openServingTelemetry(config, 'alone');
  const daemon = createDaemon({
    ...(await toDaemonParts(config, credentials)),
    ...{ clock, logger, passed },
    otherSinks: [newRelic, telemetry].flatMap((part) => part?.sink ?? []),
    observer: telemetry,
  });
  telemetry?.watch(() => daemon.readState());
  return {
    collect:
      telemetry &&
      (async (scope) => ({
        reports: [await telemetry.report(scope)],
        otherFamilies: [],
        otherFailures: [],
        otherTimings: [],
      })),
    logFields: {},
    countWorkers: () => undefined,
    tellCredentials: () => undefined,
    start: () => daemon.start(),
    reload: async (next, lease) => {
      const listen = await daemon.reload(await toDaemonParts(next, lease));
      telemetry?.addRoutes(next.routes);
      return listen;
    },
    drain: async (deadlineMs) => {
      const cutCount = await daemon.drain(deadlineMs);
      await newRelic?.stop();
      return { responses_cut: cutCount };
    },
    kill: () => undefined,
  };
}

async function toDaemonParts(config: Config, credentials: CredentialLease): Promise<NextParts> {
  return {
    ...{ config, credentials },
    createClient: await loadClients(config.routes.map(({ s3 }) => s3.client)),
    onRetired: () => credentials.release(),
  };
}

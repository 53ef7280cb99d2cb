import { loadConfig } from '../../src/config/load-config.ts';
import type { CredentialStatus } from '../../src/credentials/credential-manager.ts';
import type { CredentialSource } from '../../src/credentials/credential-source.ts';
import { createDaemon, type Daemon } from '../../src/daemon/create-daemon.ts';
import { loadClients } from '../../src/s3/load-clients.ts';
import { SigningClock } from '../../src/s3/signing-clock.ts';
import { createLogger } from '../../src/telemetry/create-logger.ts';
import type { RequestReport } from '../../src/telemetry/request-report.ts';
import { ServingTelemetry } from '../../src/telemetry/serving-telemetry.ts';
import { openTelemetry, type Telemetry } from '../../src/telemetry/telemetry.ts';
import { waitUntil } from '../support/with-deadline.ts';

export interface WatchedOptions {
  /** Values by dotted key, as flags would give them. */
  readonly settings: Readonly<Record<string, string>>;
  /** YAML of the routes. */
  readonly routes?: string;
  readonly credentials: CredentialSource;
  readonly credentialStatuses?: () => readonly CredentialStatus[];
  readonly ca?: string;
}

/** The daemon in this process with all that counts it, put together as the program does. */
export interface WatchedDaemon {
  readonly port: number;
  readonly daemon: Daemon;
  readonly clock: SigningClock;
  readonly serving: ServingTelemetry;
  readonly telemetry: Telemetry;
  readonly reports: readonly RequestReport[];
  readonly logLines: readonly Record<string, unknown>[];
  untilReports(count: number): Promise<void>;
  /** Drains within so long, and sends the last metrics. */
  close(drainMs?: number): Promise<void>;
}

export async function openWatchedDaemon(options: WatchedOptions): Promise<WatchedDaemon> {
  const config = loadConfig({
    flags: new Map(Object.entries({ listen: '127.0.0.1:0', ...options.settings })),
    environment: options.routes === undefined ? {} : { S3_HELPER_ROUTES: options.routes },
    file: '/nonexistent',
    fileIsOptional: true,
  });
  const logLines: Record<string, unknown>[] = [];
  const logger = createLogger({
    ...config.log,
    destination: { write: (line) => logLines.push(JSON.parse(line) as Record<string, unknown>) },
  });
  const clock = new SigningClock(() => undefined);
  const serving = new ServingTelemetry(config, 'alone');
  const reports: RequestReport[] = [];
  const daemon = createDaemon({
    ...{ config, logger, clock, ca: options.ca, observer: serving },
    createClient: await loadClients(['wire', 'undici']),
    otherSinks: [serving.sink, { write: (report) => reports.push(report) }],
    credentials: { forRoute: () => options.credentials },
  });
  serving.watch(() => daemon.readState());
  const life = { isListening: false, isDraining: false };
  const telemetry = await openTelemetry({
    ...{ config, logger, clock },
    credentials: (options.credentialStatuses?.() ?? []).map((_, index) => ({
      status: () => options.credentialStatuses!()[index]!,
    })),
    collect: async (scope) => ({
      reports: [await serving.report(scope)],
      otherFamilies: [],
      otherFailures: [],
      otherTimings: [],
    }),
    readState: () => ({ ...life, workers: { starting: 0, serving: 1, draining: 0 } }),
  });
  const [address = ''] = await daemon.start();
  life.isListening = true;
  return {
    ...{ daemon, clock, serving, telemetry, reports, logLines },
    port: Number(/:(\d+)$/.exec(address)?.[1]),
    untilReports: (count) => waitUntil(() => reports.length >= count, `${count} reports`),
    close: async (drainMs = 0) => {
      life.isDraining = true;
      await daemon.drain(drainMs);
      await telemetry.close();
    },
  };
}

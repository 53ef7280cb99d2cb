import type { LookupFunction } from 'node:net';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import type { CredentialSource } from '../../src/credentials/credential-source.ts';
import { createDaemon, type Daemon } from '../../src/daemon/create-daemon.ts';
import { loadClients } from '../../src/s3/load-clients.ts';
import type { Credentials } from '../../src/s3/sign/request-signer.ts';
import { SigningClock } from '../../src/s3/signing-clock.ts';
import { createAccessLog } from '../../src/telemetry/access-log.ts';
import { createLogger } from '../../src/telemetry/create-logger.ts';
import type { RequestReport } from '../../src/telemetry/request-report.ts';
import { S3_CLIENT } from './s3-client.ts';
import { withDeadline } from './with-deadline.ts';

export interface ProxyOptions {
  /** Values by dotted key, as flags would give them; `listen` is 127.0.0.1:0 unless given. */
  readonly settings: Readonly<Record<string, string>>;
  /** YAML of the routes. */
  readonly routes?: string;
  readonly credentials?: Credentials | undefined;
  /** In place of `credentials`. */
  readonly credentialSource?: CredentialSource;
  readonly lookup?: LookupFunction;
  readonly ca?: string;
  /** Whether requests are logged too, as they are in a real daemon; not unless given. */
  readonly accessLog?: boolean;
}

export interface TestProxy {
  /** As the daemon says them: `127.0.0.1:PORT` or `unix:/path`. */
  readonly addresses: readonly string[];
  /** Of the first address. */
  readonly port: number;
  readonly daemon: Daemon;
  readonly clock: SigningClock;
  readonly reports: RequestReport[];
  /** Lines of the log, parsed; requests report apart. */
  readonly logLines: Record<string, unknown>[];
  /** The next report that was not yet taken. */
  nextReport(): Promise<RequestReport>;
  /** Serves by other settings from now on; those that are not given stay. @returns the addresses */
  reload(changes: Partial<Pick<ProxyOptions, 'settings' | 'routes'>>): Promise<readonly string[]>;
  /** Configurations whose last request has ended after a reload. */
  readonly retired: readonly Config[];
  close(): Promise<void>;
}

/** So that a fault shows as it is; tests of what absorbs faults say otherwise. */
const ONE_ATTEMPT = {
  'retries.attempts': '1',
  'retries.resumes': '0',
  'hedge.enabled': 'false',
  's3.learn_region': 'false',
};

/** What a daemon does unless it is told otherwise. */
export const RESILIENT = {
  'retries.attempts': '3',
  'retries.resumes': '5',
  'hedge.enabled': 'true',
  's3.learn_region': 'true',
};

/** The real daemon in this process, on a free port, with its reports at hand. */
export async function startProxy(options: ProxyOptions): Promise<TestProxy> {
  const config = load(options);
  const logLines: Record<string, unknown>[] = [];
  const retired: Config[] = [];
  const reports = new ReportQueue();
  const clock = new SigningClock(() => undefined);
  const logger = createLogger({
    ...config.log,
    destination: { write: (line) => logLines.push(JSON.parse(line) as Record<string, unknown>) },
  });
  const accessLog = options.accessLog === true ? createAccessLog(logger, config.log) : undefined;
  const createClient = await loadClients(['wire', 'undici']);
  const credentials = { forRoute: () => options.credentialSource ?? createFixedSource(options.credentials) };
  const daemon = createDaemon({
    ...{ config, createClient, credentials },
    onRetired: () => retired.push(config),
    logger,
    reports: {
      write: (report, totalMs) => {
        accessLog?.write(report, totalMs);
        reports.write(report);
      },
    },
    clock,
    lookup: options.lookup,
    ca: options.ca,
  });
  const addresses = await daemon.start();
  return {
    addresses,
    port: Number(/:(\d+)$/.exec(addresses[0] ?? '')?.[1]),
    daemon,
    clock,
    reports: reports.all,
    logLines,
    nextReport: () => withDeadline(reports.next(), 'the next report'),
    retired,
    reload: (changes) => {
      const next = load({ ...options, ...changes, settings: { ...options.settings, ...changes.settings } });
      return daemon.reload({
        ...{ config: next, createClient, credentials },
        onRetired: () => retired.push(next),
      });
    },
    close: async () => {
      await daemon.drain(0);
    },
  };
}

function load({ settings, routes }: ProxyOptions): Config {
  return loadConfig({
    flags: new Map(
      Object.entries({
        listen: '127.0.0.1:0',
        's3.client': S3_CLIENT,
        ...ONE_ATTEMPT,
        ...settings,
      }),
    ),
    environment: routes === undefined ? {} : { S3_HELPER_ROUTES: routes },
    file: '/nonexistent',
    fileIsOptional: true,
  });
}

function createFixedSource(credentials: Credentials | undefined): CredentialSource {
  return {
    current: () => credentials,
    waitForFirst: () => Promise.resolve(credentials),
    replaceRefused: (refused) => Promise.resolve(refused),
    mayBeExpired: () => false,
  };
}

class ReportQueue {
  readonly all: RequestReport[] = [];
  #taken = 0;
  #waiter: (() => void) | undefined;

  write(report: RequestReport): void {
    this.all.push(report);
    this.#waiter?.();
  }

  async next(): Promise<RequestReport> {
    while (this.all[this.#taken] === undefined) {
      await new Promise<void>((resolve) => {
        this.#waiter = resolve;
      });
    }
    const report = this.all[this.#taken];
    this.#taken += 1;
    return report!;
  }
}

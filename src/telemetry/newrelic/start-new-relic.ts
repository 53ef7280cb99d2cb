import type { Config, NewRelicSettings } from '../../config/config.ts';
import { resolveEndpoint } from '../../s3/resolve-endpoint.ts';
import type { Logger } from '../create-logger.ts';
import type { ReportSink } from '../request-report.ts';
import type { RunningAgent } from './agent-api.ts';
import type { Environment } from './agent-environment.ts';
import { loadAgent } from './load-agent.ts';
import { recordTransaction } from './record-transaction.ts';

export interface NewRelic {
  readonly sink: ReportSink;
  /** Sends what was not sent yet, as far as that goes in STOP_DEADLINE_MS. */
  stop(): Promise<void>;
}

export interface NewRelicParts {
  readonly config: Config;
  readonly settings: NewRelicSettings;
  /** Of this process. */
  readonly environment: Environment;
  readonly logger: Logger;
}

const CONNECT_DEADLINE_MS = 60_000;
const STOP_DEADLINE_MS = 3000;

/**
 * Starts the agent of New Relic for a process that serves. It is told of requests that are over and is nowhere on their
 * way, so it can be loaded at any time.
 * @returns undefined where it cannot be had, which is logged: the daemon serves without it
 */
export function startNewRelic({
  config,
  settings,
  environment,
  logger,
}: NewRelicParts): NewRelic | undefined {
  const api = loadOrExplain(settings, environment, logger);
  if (api === undefined) return undefined;
  const connection = watchConnection(api, settings, logger);
  const hosts = new Map(config.routes.map(({ path, s3 }) => [path, resolveEndpoint(s3).host]));
  return {
    sink: {
      write: (report, totalMs) => {
        const s3Host = report.route === undefined ? undefined : hosts.get(report.route);
        recordTransaction(api, { report, totalMs, s3Host });
      },
    },
    // Without a connection there is nobody to send it to.
    stop: () => (connection.isOpen() ? sendAndStop(api) : Promise.resolve()),
  };
}

function loadOrExplain(
  settings: NewRelicSettings,
  environment: Environment,
  logger: Logger,
): RunningAgent | undefined {
  try {
    const api = loadAgent(settings, environment);
    if (api === undefined) logger.warn({}, 'the agent of New Relic is off; nothing is sent there');
    return api;
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND';
    const cause = isMissing ? 'the optional package newrelic is not installed' : String(error);
    logger.error({ cause }, 'New Relic is configured and cannot be had; nothing is sent there');
    return undefined;
  }
}

/** Logs what becomes of it: the agent tries for ever, and says so only in a log of its own. */
function watchConnection(
  { agent }: RunningAgent,
  { name }: NewRelicSettings,
  logger: Logger,
): { isOpen: () => boolean } {
  let isOpen = false;
  const timer = setTimeout(() => {
    logger.warn({ application: name }, 'New Relic has not answered yet; NEW_RELIC_LOG=stderr tells more');
  }, CONNECT_DEADLINE_MS).unref();
  agent.once('started', () => {
    clearTimeout(timer);
    isOpen = true;
    logger.info({ application: name }, 'New Relic is connected');
  });
  agent.once('errored', () => {
    clearTimeout(timer);
    logger.error({ application: name }, 'New Relic has refused this application; nothing is sent there');
  });
  return { isOpen: () => isOpen };
}

function sendAndStop(api: RunningAgent): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, STOP_DEADLINE_MS);
    api.shutdown({ collectPendingData: true, timeout: STOP_DEADLINE_MS }, () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

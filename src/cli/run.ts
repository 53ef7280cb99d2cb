import type { Config } from '../config/config.ts';
import type { ConfigSources } from '../config/read-config.ts';
import { openSdkCredentials } from '../credentials/sdk-credentials.ts';
import { createDaemon, type Daemon } from '../daemon/create-daemon.ts';
import { ListenError } from '../daemon/open-listener.ts';
import { createLogger, type Logger } from '../telemetry/create-logger.ts';
import { EXIT_CONFIG, EXIT_INTERNAL, EXIT_SIGNAL, EXIT_UNAVAILABLE } from './exit-codes.ts';
import { readConfigOrExplain } from './read-config-or-explain.ts';

type StopSignal = keyof typeof EXIT_SIGNAL;

/** Runs the daemon until a signal ends it. @returns the exit code */
export async function runDaemon(sources: ConfigSources): Promise<number> {
  const config = readConfigOrExplain(sources);
  if (config === undefined) return EXIT_CONFIG;
  const logger = createLogger(config.log);
  const signals = watchSignals();
  try {
    return await serve(config, logger, signals);
  } catch (error) {
    process.stderr.write(`s3-helper: ${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof ListenError ? EXIT_UNAVAILABLE : EXIT_INTERNAL;
  } finally {
    logger.flush();
  }
}

async function serve(config: Config, logger: Logger, signals: Signals): Promise<number> {
  for (const warning of config.warnings) logger.warn({}, warning);
  const credentials = await openSdkCredentials((error) => {
    logger.error(
      { cause: error instanceof Error ? error.message : String(error) },
      'credentials could not be refreshed',
    );
  });
  const daemon = createDaemon({ config, credentials, logger });
  logger.info({ listen: await daemon.start() }, 'listening');
  await signals.first;
  return Promise.race([drain(daemon, config.timeouts.drainMs, logger), signals.second]);
}

async function drain(daemon: Daemon, deadlineMs: number, logger: Logger): Promise<number> {
  logger.info({ deadline_ms: deadlineMs }, 'draining');
  const cutCount = await daemon.drain(deadlineMs);
  logger.info({ responses_cut: cutCount }, 'stopped');
  return 0;
}

interface Signals {
  readonly first: Promise<void>;
  /** Resolves with the exit code of a signal that came while draining. */
  readonly second: Promise<number>;
}

function watchSignals(): Signals {
  const first = Promise.withResolvers<undefined>();
  const second = Promise.withResolvers<number>();
  let count = 0;
  const onSignal = (signal: StopSignal): void => {
    count += 1;
    if (count === 1) first.resolve(undefined);
    else second.resolve(EXIT_SIGNAL[signal]);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  return { first: first.promise, second: second.promise };
}

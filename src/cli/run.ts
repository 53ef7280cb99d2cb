import type { Config, CredentialSettings } from '../config/config.ts';
import type { ConfigSources } from '../config/read-config.ts';
import { openCredentials } from '../credentials/open-credentials.ts';
import { createDaemon, type Daemon } from '../daemon/create-daemon.ts';
import { ListenError } from '../daemon/open-listener.ts';
import { SigningClock } from '../s3/signing-clock.ts';
import { createLogger, type Logger } from '../telemetry/create-logger.ts';
import { EXIT_CONFIG, EXIT_INTERNAL, EXIT_UNAVAILABLE } from './exit-codes.ts';
import { readConfigOrExplain } from './read-config-or-explain.ts';
import { watchSignals } from './watch-signals.ts';

/** Runs the daemon until a signal ends it. @returns the exit code */
export async function runDaemon(sources: ConfigSources): Promise<number> {
  const config = readConfigOrExplain(sources);
  if (config === undefined) return EXIT_CONFIG;
  const logger = createLogger(config.log);
  try {
    return await serve(config, logger, sources.environment);
  } catch (error) {
    process.stderr.write(`s3-helper: ${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof ListenError ? EXIT_UNAVAILABLE : EXIT_INTERNAL;
  } finally {
    logger.flush();
  }
}

const AUTO: CredentialSettings = {
  source: 'auto',
  profile: undefined,
  roleArn: undefined,
  externalId: undefined,
  sessionName: undefined,
  durationMs: undefined,
  imdsV1: false,
};

async function serve(
  config: Config,
  logger: Logger,
  environment: ConfigSources['environment'],
): Promise<number> {
  for (const warning of config.warnings) logger.warn({}, warning);
  const clock = new SigningClock((offsetMs) => {
    logger.warn(
      { clock_offset_s: Math.round(offsetMs / 1000) },
      "this machine's clock is wrong; signing with S3's time",
    );
  });
  const credentials = openCredentials(AUTO, {
    environment,
    region: config.routes[0]?.s3.region,
    logger,
    clock,
  });
  const signals = watchSignals(() => {
    logger.info({}, 'SIGHUP: refreshing the credentials');
    void credentials.manager.refresh();
  });
  try {
    const daemon = createDaemon({ config, credentials: credentials.manager, clock, logger });
    logger.info({ listen: await daemon.start(), node: process.versions.node }, 'listening');
    await signals.first;
    return await Promise.race([drain(daemon, config.timeouts.drainMs, logger), signals.second]);
  } finally {
    credentials.close();
  }
}

async function drain(daemon: Daemon, deadlineMs: number, logger: Logger): Promise<number> {
  logger.info({ deadline_ms: deadlineMs }, 'draining');
  const cutCount = await daemon.drain(deadlineMs);
  logger.info({ responses_cut: cutCount }, 'stopped');
  return 0;
}

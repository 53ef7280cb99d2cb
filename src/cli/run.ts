import type { ConfigSources } from '../config/read-config.ts';
import { discoverRegion } from '../credentials/discover-region.ts';
import { openRouteCredentials } from '../credentials/open-credentials.ts';
import { createDaemon, type Daemon } from '../daemon/create-daemon.ts';
import { ListenError } from '../daemon/open-listener.ts';
import { SigningClock } from '../s3/signing-clock.ts';
import { createLogger, type Logger } from '../telemetry/create-logger.ts';
import { EXIT_CONFIG, EXIT_INTERNAL, EXIT_UNAVAILABLE } from './exit-codes.ts';
import { type ExplainedConfig, readConfigOrExplain } from './read-config-or-explain.ts';
import { watchSignals } from './watch-signals.ts';

/** Runs the daemon until a signal ends it. @returns the exit code */
export async function runDaemon(sources: ConfigSources): Promise<number> {
  const explained = await readConfigOrExplain(sources, (profile) =>
    discoverRegion({ profile, asksInstance: true }),
  );
  if (explained === undefined) return EXIT_CONFIG;
  const logger = createLogger(explained.config.log);
  try {
    return await serve(explained, logger, sources.environment);
  } catch (error) {
    process.stderr.write(`s3-helper: ${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof ListenError ? EXIT_UNAVAILABLE : EXIT_INTERNAL;
  } finally {
    logger.flush();
  }
}

async function serve(
  { config, discovered }: ExplainedConfig,
  logger: Logger,
  environment: ConfigSources['environment'],
): Promise<number> {
  for (const warning of config.warnings) logger.warn({}, warning);
  if (discovered !== undefined) logger.info(discovered, 'no region is configured; one was found');
  const clock = new SigningClock((offsetMs) => {
    const offsetSeconds = Math.round(offsetMs / 1000);
    logger.warn({ clock_offset_s: offsetSeconds }, "this machine's clock is wrong; signing with S3's time");
  });
  const credentials = openRouteCredentials(config, { environment, logger, clock });
  const signals = watchSignals(() => {
    logger.info({}, 'SIGHUP: fetching the credentials');
    credentials.refresh();
  });
  try {
    const daemon = createDaemon({ config, credentials, clock, logger });
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

import { availableParallelism } from 'node:os';
import type { ConfigSources } from '../config/read-config.ts';
import { discoverRegion } from '../credentials/discover-region.ts';
import { ListenError } from '../daemon/open-listener.ts';
import { SigningClock } from '../s3/signing-clock.ts';
import type { Logger } from '../telemetry/create-logger.ts';
import { createLoggerOrExplain } from './create-logger-or-explain.ts';
import { EXIT_CONFIG, EXIT_INTERNAL, EXIT_UNAVAILABLE } from './exit-codes.ts';
import type { FoundConfig } from './read-config-and-region.ts';
import { readConfigOrExplain } from './read-config-or-explain.ts';

/** Runs the daemon until a signal ends it. @returns the exit code */
export async function runDaemon(sources: ConfigSources): Promise<number> {
  const explained = await readConfigOrExplain(sources, (profile) =>
    discoverRegion({ profile, asksInstance: true }),
  );
  if (explained === undefined) return EXIT_CONFIG;
  const logger = createLoggerOrExplain(explained.config.log);
  if (logger === undefined) return EXIT_CONFIG;
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
  { config, discovered }: FoundConfig,
  logger: Logger,
  environment: ConfigSources['environment'],
): Promise<number> {
  for (const warning of config.warnings) logger.warn({}, warning);
  if (discovered !== undefined) logger.info(discovered, 'no region is configured; one was found');
  const clock = new SigningClock((offsetMs) => {
    const offsetSeconds = Math.round(offsetMs / 1000);
    logger.warn({ clock_offset_s: offsetSeconds }, "this machine's clock is wrong; signing with S3's time");
  });
  const workerCount = config.workers === 'auto' ? availableParallelism() : config.workers;
  const parts = { config, logger, clock, environment };
  // Each is loaded only where it is used: a single process needs no supervisor, and a supervisor serves nothing.
  if (workerCount === 1) return (await import('./serve-alone.ts')).serveAlone(parts);
  return (await import('./serve-with-workers.ts')).serveWithWorkers(parts, workerCount);
}

import { availableParallelism } from 'node:os';
import type { ConfigSources } from '../config/read-config.ts';
import { discoverRegion } from '../credentials/discover-region.ts';
import { ListenError } from '../daemon/open-listener.ts';
import type { PassedSockets } from '../daemon/listen-points.ts';
import { createLoggerOrExplain } from './create-logger-or-explain.ts';
import { EXIT_CONFIG, EXIT_INTERNAL, EXIT_UNAVAILABLE } from './exit-codes.ts';
import { readConfigOrExplain } from './read-config-or-explain.ts';
import { runService } from './run-service.ts';
import { findUnwantedSockets, readPassedSockets } from './systemd/read-passed-sockets.ts';

/** Runs the daemon until a signal ends it. @returns the exit code */
export async function runDaemon(sources: ConfigSources): Promise<number> {
  const found = await readConfigOrExplain(sources, (profile) =>
    discoverRegion({ profile, asksInstance: true }),
  );
  if (found === undefined) return EXIT_CONFIG;
  const { config } = found;
  const passed = readSocketsOrExplain(sources.environment, config.listen);
  if (passed === undefined) return EXIT_CONFIG;
  const logger = createLoggerOrExplain(config.log);
  if (logger === undefined) return EXIT_CONFIG;
  const workerCount = config.workers === 'auto' ? availableParallelism() : config.workers;
  try {
    return await runService({ found, sources, logger, passed }, async (parts) =>
      // Each is loaded only where it is used: a single process needs no supervisor, and a supervisor serves nothing.
      workerCount === 1
        ? (await import('./serve-alone.ts')).serveAlone(parts)
        : (await import('./serve-with-workers.ts')).serveWithWorkers(parts, workerCount),
    );
  } catch (error) {
    process.stderr.write(`s3-helper: ${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof ListenError ? EXIT_UNAVAILABLE : EXIT_INTERNAL;
  } finally {
    await logger.end();
  }
}

/** @returns undefined after the mistakes were printed */
function readSocketsOrExplain(
  environment: ConfigSources['environment'],
  listen: Parameters<typeof findUnwantedSockets>[1],
): PassedSockets | undefined {
  try {
    const passed = readPassedSockets(environment);
    const mistakes = findUnwantedSockets(passed, listen);
    for (const mistake of mistakes) process.stderr.write(`s3-helper: ${mistake}\n`);
    return mistakes.length === 0 ? passed : undefined;
  } catch (error) {
    process.stderr.write(`s3-helper: ${(error as Error).message}\n`);
    return undefined;
  }
}

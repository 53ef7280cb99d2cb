import { openCredentials } from '../credentials/open-credentials.ts';
import { Supervisor } from '../workers/supervisor.ts';
import type { ServeParts } from './serve-alone.ts';
import { watchSignals } from './watch-signals.ts';

/** Keeps the credentials for several processes that serve, until a signal ends all. @returns the exit code @throws {ListenError} */
export async function serveWithWorkers(
  { config, logger, clock, environment }: ServeParts,
  workerCount: number,
): Promise<number> {
  const credentials = openCredentials(config, {
    environment,
    logger,
    clock,
    onRefreshed: (source, issued) => supervisor.broadcast({ type: 'credentials', source, issued }),
  });
  const supervisor = new Supervisor({ config, workerCount, credentials, clock, logger });
  const signals = watchSignals(() => {
    logger.info({}, 'SIGHUP: fetching the credentials and replacing the workers one by one');
    credentials.refresh();
    void supervisor.roll().catch((error: unknown) => {
      logger.error({ cause: String(error) }, 'a worker could not be replaced');
    });
  });
  const second = signals.second.then((code) => {
    supervisor.kill();
    return code;
  });
  try {
    const listen = await supervisor.start();
    logger.info({ listen, node: process.versions.node, workers: workerCount }, 'listening');
    await signals.first;
    const { drainMs } = config.timeouts;
    logger.info({ deadline_ms: drainMs }, 'draining');
    const drained = supervisor.drain(drainMs).then(() => {
      logger.info({}, 'stopped');
      return 0;
    });
    return await Promise.race([drained, second]);
  } catch (error) {
    supervisor.kill();
    throw error;
  } finally {
    credentials.close();
  }
}

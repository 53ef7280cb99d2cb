import { openCredentials } from '../credentials/open-credentials.ts';
import { openWorkerReports } from '../workers/open-worker-reports.ts';
import { Supervisor } from '../workers/supervisor.ts';
import { DaemonLife } from './daemon-life.ts';
import { openMonitoring } from './open-monitoring.ts';
import type { ServeParts } from './serve-alone.ts';
import { watchSignals } from './watch-signals.ts';

/** Keeps the credentials for several processes that serve, until a signal ends all. @returns the exit code @throws {ListenError} */
export async function serveWithWorkers(
  { config, logger, clock, environment }: ServeParts,
  workerCount: number,
): Promise<number> {
  const reports = await openWorkerReports(config);
  const credentials = openCredentials(config, {
    environment,
    logger,
    clock,
    onRefreshed: (source, issued) => supervisor.broadcast({ type: 'credentials', source, issued }),
  });
  const supervisor = new Supervisor({ config, workerCount, credentials, clock, logger, reports });
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
    const life = new DaemonLife();
    const monitoring =
      reports &&
      (await openMonitoring({
        ...{ config, logger, clock, credentials: credentials.managers },
        collect: (scope) => reports.collect(scope),
        readState: () => life.describe(supervisor.countWorkers()),
      }));
    const listen = await supervisor.start();
    life.noteListening();
    const { adminAddress: admin } = monitoring ?? {};
    logger.info({ listen, admin, node: process.versions.node, workers: workerCount }, 'listening');
    await signals.first;
    life.noteDraining();
    const { drainMs } = config.timeouts;
    logger.info({ deadline_ms: drainMs }, 'draining');
    const drained = supervisor.drain(drainMs).then(async () => {
      await monitoring?.close();
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

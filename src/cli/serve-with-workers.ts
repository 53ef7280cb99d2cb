import { openWorkerReports } from '../workers/open-worker-reports.ts';
import { Supervisor } from '../workers/supervisor.ts';
import type { Serving, ServingParts } from './serving.ts';

/** Keeps the credentials and the listeners for several processes that serve. */
export async function serveWithWorkers(parts: ServingParts, workerCount: number): Promise<Serving> {
  const reports = await openWorkerReports(parts.config);
  const supervisor = new Supervisor({ ...parts, workerCount, reports });
  return {
    collect: reports && ((scope) => reports.collect(scope)),
    logFields: { workers: workerCount },
    countWorkers: () => supervisor.countWorkers(),
    tellCredentials: (source, issued) => supervisor.broadcast({ type: 'credentials', source, issued }),
    start: () => supervisor.start(),
    reload: (config, credentials) => supervisor.reload({ config, credentials }),
    drain: async (deadlineMs) => {
      await supervisor.drain(deadlineMs);
      return {};
    },
    kill: () => supervisor.kill(),
  };
}

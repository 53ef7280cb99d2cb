import type { Config } from '../config/config.ts';
import { hasTelemetry } from '../telemetry/open-serving-telemetry.ts';
import type { WorkerReports } from './worker-reports.ts';

/** Where workers tell what they count, if there is a reader; nothing of it is loaded otherwise. */
export async function openWorkerReports(config: Config): Promise<WorkerReports | undefined> {
  if (!hasTelemetry(config)) return undefined;
  const { WorkerReports } = await import('./worker-reports.ts');
  return new WorkerReports();
}

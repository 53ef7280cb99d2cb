import type { Config } from '../config/config.ts';
import type { ServingTelemetry } from './serving-telemetry.ts';

/** Whether metrics have a reader. */
export function hasTelemetry({ admin, statsd }: Config): boolean {
  return admin.listen !== undefined || statsd.address !== undefined;
}

/** Counts for this process where there is a reader; nothing of it is loaded otherwise. */
export async function openServingTelemetry(
  config: Config,
  role: 'alone' | 'worker',
): Promise<ServingTelemetry | undefined> {
  if (!hasTelemetry(config)) return undefined;
  const { ServingTelemetry } = await import('./serving-telemetry.ts');
  return new ServingTelemetry(config, role);
}

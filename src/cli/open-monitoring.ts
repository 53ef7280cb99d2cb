import { hasTelemetry } from '../telemetry/open-serving-telemetry.ts';
import type { Telemetry, TelemetryParts } from '../telemetry/telemetry.ts';
import { readVersion } from './read-version.ts';

/** What lets the daemon be watched from outside. */
export interface Monitoring {
  /** Where the admin listener is; undefined without one. */
  readonly adminAddress: string | undefined;
  /** Sends the last metrics, and then ends the admin listener, which has answered until now. */
  close(): Promise<void>;
}

/**
 * Opens statsd and the admin listener as far as they are configured; nothing of it is loaded otherwise.
 * @throws {ListenError} where the admin listener's address cannot be used
 */
export async function openMonitoring(parts: TelemetryParts): Promise<Monitoring | undefined> {
  if (!hasTelemetry(parts.config)) return undefined;
  const { openTelemetry } = await import('../telemetry/telemetry.ts');
  const telemetry = await openTelemetry(parts);
  const admin = await openAdmin(parts, telemetry);
  return {
    adminAddress: admin?.address,
    close: async () => {
      await telemetry.close();
      await admin?.close();
    },
  };
}

async function openAdmin(parts: TelemetryParts, telemetry: Telemetry) {
  const { listen } = parts.config.admin;
  if (listen === undefined) return undefined;
  const { startAdmin } = await import('../admin/start-admin.ts');
  return startAdmin({
    ...{ listen, version: readVersion() },
    // A reload changes it.
    get config() {
      return parts.config;
    },
    snapshot: () => telemetry.snapshot(),
    metricsText: (accept) => telemetry.metricsText(accept),
  });
}

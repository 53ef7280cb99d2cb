import type { Config } from '../config/config.ts';
import type { Logger } from './create-logger.ts';
import { formatMetrics, type MetricsText } from './format-metrics.ts';
import { openStatsd } from './open-statsd.ts';
import { type SnapshotParts, takeSnapshot } from './take-snapshot.ts';
import type { TelemetrySnapshot } from './telemetry-snapshot.ts';

/** What is known of the whole daemon; lives in the process that owns the credentials. */
export interface Telemetry {
  snapshot(): Promise<TelemetrySnapshot>;
  /** @param accept - the reader's Accept header: Prometheus's text format, or OpenMetrics where it names that */
  metricsText(accept?: string): Promise<MetricsText>;
  /** Sends what has not been sent, for a bounded time. */
  close(): Promise<void>;
}

export interface TelemetryParts extends SnapshotParts {
  readonly config: Config;
  readonly logger: Logger;
}

/** Opens what reads the snapshots; to be loaded only where somebody is to read them. */
export function openTelemetry(parts: TelemetryParts): Telemetry {
  const { config, logger } = parts;
  const statsd = openStatsd(config.statsd, {
    logger,
    takeSnapshot: () => takeSnapshot(parts, 'all and timings'),
  });
  return {
    snapshot: async () => (await takeSnapshot(parts)).snapshot,
    metricsText: async (accept) => {
      const { snapshot } = await takeSnapshot(parts);
      return formatMetrics(snapshot.metrics, accept);
    },
    close: () => statsd?.close() ?? Promise.resolve(),
  };
}

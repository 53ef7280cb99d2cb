import type { Config } from '../config/config.ts';
import type { Logger } from './create-logger.ts';
import { formatMetrics, type MetricsText } from './format-metrics.ts';
import type { Statsd } from './open-statsd.ts';
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

/** Begins to send metrics where that is configured, and answers whoever asks for them. */
export async function openTelemetry(parts: TelemetryParts): Promise<Telemetry> {
  const statsd = await openSending(parts);
  return {
    snapshot: async () => (await takeSnapshot(parts)).snapshot,
    metricsText: async (accept) => {
      const { snapshot } = await takeSnapshot(parts);
      return formatMetrics(snapshot.metrics, accept);
    },
    close: () => statsd?.close() ?? Promise.resolve(),
  };
}

async function openSending(parts: TelemetryParts): Promise<Statsd | undefined> {
  const { config, logger } = parts;
  if (config.statsd.address === undefined) return undefined;
  const { openStatsd } = await import('./open-statsd.ts');
  return openStatsd(config.statsd, { logger, takeSnapshot: () => takeSnapshot(parts, 'all and timings') });
}

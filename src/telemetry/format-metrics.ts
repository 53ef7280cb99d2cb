import { Registry } from 'prom-client';
import { toRegistry } from './merge-families.ts';
import type { MetricFamily } from './metric-family.ts';

export interface MetricsText {
  readonly contentType: string;
  readonly body: string;
}

/**
 * Writes metrics down for Prometheus.
 * @param accept - the reader's Accept header: OpenMetrics 1.0 where it names that, else Prometheus's text format 0.0.4
 */
export async function formatMetrics(
  families: readonly MetricFamily[],
  accept: string | undefined,
): Promise<MetricsText> {
  const isOpenMetrics = accept?.includes('application/openmetrics-text') === true;
  const registry = toRegistry([isOpenMetrics ? families.map(toOpenMetrics) : families]);
  if (isOpenMetrics) registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  return { contentType: registry.contentType, body: await registry.metrics() };
}

/** OpenMetrics names a counter without the ending of its samples, and writes whole bounds with a point. */
function toOpenMetrics(family: MetricFamily): MetricFamily {
  const isCounter = String(family.type) === 'counter';
  return {
    ...family,
    name: isCounter ? family.name.replace(/_total$/, '') : family.name,
    values: family.values.map((series) => {
      const { le } = series.labels;
      return Number.isInteger(le) ? { ...series, labels: { ...series.labels, le: `${le}.0` } } : series;
    }),
  };
}

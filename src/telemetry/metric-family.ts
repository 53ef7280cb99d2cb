import type { MetricObjectWithValues, MetricType, MetricValue } from 'prom-client';
import { METRICS, type MetricName } from './metrics.ts';

/** One metric with all its series, as prom-client's registries give and merge them. */
export type MetricFamily = MetricObjectWithValues<MetricValue<string>>;

/** One line of the metrics text. */
export interface Series {
  readonly labels: Record<string, string | number>;
  readonly value: number;
  /** Where it is not the family's: `…_bucket`, `…_sum` and `…_count` of a histogram. */
  readonly metricName?: string;
}

/** A metric of the table with its series; sums are taken over processes. */
export function createFamily(name: MetricName, values: readonly Series[]): MetricFamily {
  const { help, type } = METRICS[name];
  // prom-client declares numbers for what are texts.
  const textType = type as unknown as MetricType;
  return { name, help, type: textType, aggregator: 'sum', values: [...values] } as unknown as MetricFamily;
}

/** Whether its values only ever grow: what a process that has ended counted, stays. */
export function isCumulative({ type }: MetricFamily): boolean {
  const text = String(type);
  return text === 'counter' || text === 'histogram';
}

import { AggregatorRegistry, type Registry, type RegistryContentType } from 'prom-client';
import type { MetricFamily } from './metric-family.ts';

/** Sums what several processes counted, each metric as its own aggregator says, into fresh objects. */
export async function mergeFamilies(families: readonly (readonly MetricFamily[])[]): Promise<MetricFamily[]> {
  return dropNotNumbers(await toRegistry(families).getMetricsAsJSON());
}

/** A registry that holds the merged metrics, for what prom-client does with registries. */
export function toRegistry(families: readonly (readonly MetricFamily[])[]): Registry<RegistryContentType> {
  return AggregatorRegistry.aggregate([...families]);
}

/** What has not been measured yet is absent; neither JSON nor a graph knows a number that is none. */
function dropNotNumbers(families: readonly MetricFamily[]): MetricFamily[] {
  return families.map((family) => ({
    ...family,
    values: family.values.filter(({ value }) => Number.isFinite(value)),
  }));
}

import { collectDefaultMetrics, Registry } from 'prom-client';
import type { MetricFamily } from './metric-family.ts';
import type { StatsdRow } from './metrics.ts';

/** How often the loop is looked at; each look wakes an idle process. */
const LOOP_RESOLUTION_MS = 20;

/** Readers come more often, and each look makes what is told of the loop begin anew. */
const FRESH_MS = 10_000;

/** Those of prom-client's metrics that go to statsd too, by their names in Prometheus. */
export const PROCESS_METRICS_BY_STATSD: Readonly<Record<string, StatsdRow>> = {
  nodejs_eventloop_lag_p50_seconds: { name: 'event_loop_delay.p50', type: 'g' },
  nodejs_eventloop_lag_p99_seconds: { name: 'event_loop_delay.p99', type: 'g' },
  nodejs_eventloop_lag_max_seconds: { name: 'event_loop_delay.max', type: 'g' },
  process_cpu_seconds_total: { name: 'cpu_milliseconds', type: 'c', factor: 1000 },
  process_resident_memory_bytes: { name: 'resident_memory', type: 'g' },
};

/** Gauges whose names end like a counter's, which OpenMetrics forbids, and what Node's resources say better. */
const LEFT_OUT = [
  'nodejs_active_handles',
  'nodejs_active_handles_total',
  'nodejs_active_requests',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** `alone` and `supervisor` speak for the daemon where one value is told for all of its processes. */
export type ProcessRole = 'alone' | 'worker' | 'supervisor';

/** What prom-client knows of this process: CPU, memory, the event loop, garbage collection. */
export class ProcessMetrics {
  readonly #registry = new Registry();
  readonly #role: ProcessRole;
  #families: Promise<readonly MetricFamily[]> | undefined;
  #gatheredAtMs = -Infinity;
  #hasSeenLoop = false;

  constructor(role: ProcessRole) {
    this.#role = role;
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: LOOP_RESOLUTION_MS });
    for (const name of LEFT_OUT) this.#registry.removeSingleMetric(name);
  }

  /** Up to ten seconds old. */
  toFamilies(): Promise<readonly MetricFamily[]> {
    const nowMs = performance.now();
    if (this.#families === undefined || nowMs - this.#gatheredAtMs > FRESH_MS) {
      this.#gatheredAtMs = nowMs;
      this.#families = this.#gather();
    }
    return this.#families;
  }

  async #gather(): Promise<readonly MetricFamily[]> {
    const families = await this.#registry.getMetricsAsJSON();
    const told = families
      .filter((family) => this.#isTold(family))
      .map(speakForAll)
      .map(takeOffInterval);
    this.#hasSeenLoop = true;
    return told;
  }

  #isTold({ name, aggregator }: MetricFamily): boolean {
    // No request waits for the supervisor's loop, and of the others nothing is known at first.
    if (name.startsWith('nodejs_eventloop_')) return this.#role !== 'supervisor' && this.#hasSeenLoop;
    return this.#role !== 'worker' || aggregator !== 'omit';
  }
}

/** prom-client omits from sums what is one process's own, such as its start. */
function speakForAll(family: MetricFamily): MetricFamily {
  return family.aggregator === 'omit' ? { ...family, aggregator: 'first' } : family;
}

/** Node measures from one look to the next, the time between them included (perf_hooks.monitorEventLoopDelay). */
function takeOffInterval(family: MetricFamily): MetricFamily {
  if (!/^nodejs_eventloop_lag_(?:min|max|mean|p\d+)_seconds$/.test(family.name)) return family;
  const toDelay = (seconds: number): number => Math.max(0, seconds - LOOP_RESOLUTION_MS / 1000);
  return { ...family, values: family.values.map((series) => ({ ...series, value: toDelay(series.value) })) };
}

import type { Series } from './metric-family.ts';

/** Counts times by upper bounds, as Prometheus wants them. */
export class LatencyHistogram {
  readonly #boundsMs: readonly number[];
  /** By bound, the last is for all that are longer. */
  readonly #counts: number[];
  #sumMs = 0;

  /** @param boundsMs - rising */
  constructor(boundsMs: readonly number[]) {
    this.#boundsMs = boundsMs;
    this.#counts = new Array<number>(boundsMs.length + 1).fill(0);
  }

  observe(ms: number): void {
    let index = 0;
    while (ms > (this.#boundsMs[index] ?? Infinity)) index += 1;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#sumMs += ms;
  }

  /** @param name - of the metric, whose unit is seconds */
  toSeries(name: string, labels: Record<string, string>): Series[] {
    let count = 0;
    const buckets = [...this.#boundsMs, Infinity].map((boundMs, index) => {
      count += this.#counts[index] ?? 0;
      const le = boundMs === Infinity ? '+Inf' : boundMs / 1000;
      return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: count };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: this.#sumMs / 1000 },
      { metricName: `${name}_count`, labels, value: count },
    ];
  }
}

/** What was counted in one stretch of time. */
export interface FleetStep {
  readonly fromMs: number;
  /** Of clients, by their arrival. */
  readonly requests: number;
  /** Of these, answered well in the end. */
  readonly successes: number;
  /** Requests that S3 got, by their own time. */
  readonly attempts: number;
  /** Of credentials, by all hosts. */
  readonly fetches: number;
  /** Of all hosts' keys, the shortest life that was left at the end of the step. */
  readonly leastKeyLifeMs: number;
}

type Count = 'requests' | 'successes' | 'attempts' | 'fetches';

/** Counts by steps of equal length. */
export class FleetCounts {
  readonly #stepMs: number;
  readonly #counts: Readonly<Record<Count, Float64Array>>;
  readonly #leastKeyLifeMs: Float64Array;

  constructor(lengthMs: number, stepMs: number) {
    const make = (): Float64Array => new Float64Array(Math.ceil(lengthMs / stepMs));
    this.#stepMs = stepMs;
    this.#counts = { requests: make(), successes: make(), attempts: make(), fetches: make() };
    this.#leastKeyLifeMs = make();
  }

  noteRequest(atMs: number): void {
    this.#count('requests', atMs);
  }

  noteSuccess(arrivedAtMs: number): void {
    this.#count('successes', arrivedAtMs);
  }

  noteAttempt(atMs: number): void {
    this.#count('attempts', atMs);
  }

  noteFetch(atMs: number): void {
    this.#count('fetches', atMs);
  }

  noteLeastKeyLife(atMs: number, leftMs: number): void {
    this.#leastKeyLifeMs[Math.floor(atMs / this.#stepMs)] = leftMs;
  }

  steps(): FleetStep[] {
    const { requests, successes, attempts, fetches } = this.#counts;
    return Array.from(requests, (count, step) => ({
      fromMs: step * this.#stepMs,
      requests: count,
      successes: successes[step] ?? 0,
      attempts: attempts[step] ?? 0,
      fetches: fetches[step] ?? 0,
      leastKeyLifeMs: this.#leastKeyLifeMs[step] ?? 0,
    }));
  }

  #count(what: Count, atMs: number): void {
    const counts = this.#counts[what];
    const step = Math.floor(atMs / this.#stepMs);
    counts[step] = (counts[step] ?? 0) + 1;
  }
}

/** Times of first bytes that the 95th percentile is taken of. */
const SAMPLES = 256;
/** How many new samples make it worth to sort again. */
const SAMPLES_PER_ESTIMATE = 32;
const PERCENTILE = 0.95;
/** Hedges per request in the long run, and how many may come at once. */
const HEDGES_PER_REQUEST = 0.05;
const MOST_HEDGES_AT_ONCE = 10;

/**
 * Says when a second request is worth sending, and keeps such requests to one in twenty: a slow S3 must not be asked twice
 * as much (J. Dean, L. A. Barroso, "The tail at scale").
 */
export class HedgeTiming {
  readonly #floorMs: number;
  readonly #samplesMs = new Float64Array(SAMPLES);
  #count = 0;
  #p95Ms = 0;
  #allowance = MOST_HEDGES_AT_ONCE;

  /** @param floorMs - no hedge before that, however quick S3 usually is */
  constructor(floorMs: number) {
    this.#floorMs = floorMs;
  }

  /** How long to wait for a head before a second request is sent. */
  get delayMs(): number {
    return Math.max(this.#floorMs, this.#p95Ms);
  }

  /** Notes a request that was sent for a client; twenty of them allow one hedge. */
  noteRequest(): void {
    this.#allowance = Math.min(MOST_HEDGES_AT_ONCE, this.#allowance + HEDGES_PER_REQUEST);
  }

  noteFirstByte(ms: number): void {
    this.#samplesMs[this.#count % SAMPLES] = ms;
    this.#count += 1;
    if (this.#count % SAMPLES_PER_ESTIMATE !== 0) return;
    const known = this.#samplesMs.slice(0, Math.min(this.#count, SAMPLES)).sort();
    this.#p95Ms = known[Math.floor(known.length * PERCENTILE)] ?? 0;
  }

  /** @returns whether a hedge may be sent; then it is counted */
  tryTake(): boolean {
    if (this.#allowance < 1) return false;
    this.#allowance -= 1;
    return true;
  }
}

/** Of each kind of time, between two sendings; more would fill packets and say no more. */
const MOST_SAMPLES = 100;

/** Keeps a bounded number of times, each with the same chance to be among them (algorithm R). */
class Reservoir {
  #kept: number[] = [];
  #offered = 0;

  offer(ms: number): void {
    this.#offered += 1;
    if (this.#kept.length < MOST_SAMPLES) {
      this.#kept.push(ms);
      return;
    }
    const index = Math.floor(Math.random() * this.#offered);
    if (index < MOST_SAMPLES) this.#kept[index] = ms;
  }

  take(): readonly number[] {
    const kept = this.#kept;
    this.#kept = [];
    this.#offered = 0;
    return kept;
  }
}

/** A bounded, fair sample of the times of requests. */
export class TimingSamples {
  readonly #sampleRate: number;
  readonly #firstByte = new Reservoir();
  readonly #total = new Reservoir();

  /** @param sampleRate - share of the requests that are looked at, from 0 to 1 */
  constructor(sampleRate: number) {
    this.#sampleRate = sampleRate;
  }

  offer(firstByteMs: number | undefined, totalMs: number): void {
    if (this.#sampleRate < 1 && Math.random() >= this.#sampleRate) return;
    if (firstByteMs !== undefined) this.#firstByte.offer(firstByteMs);
    this.#total.offer(totalMs);
  }

  /** Gives what was kept, and begins anew. */
  take(): { readonly firstByteMs: readonly number[]; readonly totalMs: readonly number[] } {
    return { firstByteMs: this.#firstByte.take(), totalMs: this.#total.take() };
  }
}

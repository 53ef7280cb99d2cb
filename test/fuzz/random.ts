/** Numbers by chance that are the same for the same seed, on every machine (G. Marsaglia, "Xorshift RNGs", 2003). */
export class Random {
  #state: number;

  /** @param stream - numbers the sequences of one seed, so that each can be had without the ones before */
  constructor(seed: number, stream = 0) {
    this.#state = scramble(scramble(seed) + stream) || 1;
  }

  /** A whole number from 0 to one less than the bound. */
  below(bound: number): number {
    return Math.floor((this.#next() / 2 ** 32) * bound);
  }

  chance(probability: number): boolean {
    return this.#next() / 2 ** 32 < probability;
  }

  pick<T>(choices: readonly T[]): T {
    const choice = choices[this.below(choices.length)];
    if (choice === undefined) throw new RangeError('there is nothing to pick from');
    return choice;
  }

  /** A string of so many bytes, latin1. */
  bytes(length: number): string {
    return Array.from({ length }, () => String.fromCharCode(this.below(256))).join('');
  }

  #next(): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state;
    return state >>> 0;
  }
}

/** Neighbouring seeds must not make like sequences (the mixer of MurmurHash3). */
function scramble(number: number): number {
  let mixed = number | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

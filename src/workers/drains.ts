/** What a timer can wait for (2^31 - 1 ms). */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The order to end, and the one to end sooner that may follow it. */
export class Drains {
  readonly #deadlines: number[] = [];
  readonly #begun = Promise.withResolvers<undefined>();
  #drain: ((deadlineMs: number) => Promise<number>) | undefined;
  #cutCounts: Promise<number>[] = [];

  /** @param deadlineMs - undefined for none */
  begin(deadlineMs: number | undefined): void {
    const ms = deadlineMs ?? LONGEST_TIMER_MS;
    if (this.#drain === undefined) this.#deadlines.push(ms);
    else this.#cutCounts.push(this.#drain(ms));
    this.#begun.resolve(undefined);
  }

  /** Waits for the order, and drains by it and by those that follow. @returns how many responses were cut */
  async run(drain: (deadlineMs: number) => Promise<number>): Promise<number> {
    await this.#begun.promise;
    this.#drain = drain;
    this.#cutCounts = this.#deadlines.map(drain);
    let sum = 0;
    // One that comes meanwhile is behind them.
    for (let index = 0; index < this.#cutCounts.length; index += 1)
      sum += (await this.#cutCounts[index]) ?? 0;
    return sum;
  }
}

interface Place<Waiter> {
  readonly waiter: Waiter;
  /** In the clock's milliseconds. */
  readonly untilMs: number;
}

/** Those who wait for something in turn, each until a time of its own. */
export class DeadlineQueue<Waiter> {
  #places: Place<Waiter>[] = [];

  get size(): number {
    return this.#places.length;
  }

  /** Who has waited for longest. */
  get first(): Waiter | undefined {
    return this.#places[0]?.waiter;
  }

  push(waiter: Waiter, untilMs: number): void {
    this.#places.push({ waiter, untilMs });
  }

  /** Takes out the first. */
  shift(): Waiter | undefined {
    return this.#places.shift()?.waiter;
  }

  /** Takes out those whose time is up, the first first; all of them at `Infinity`. */
  takeLate(nowMs: number): Waiter[] {
    if (this.#places.length === 0) return [];
    const late = this.#places.filter(({ untilMs }) => untilMs <= nowMs);
    this.#places = this.#places.filter(({ untilMs }) => untilMs > nowMs);
    return late.map(({ waiter }) => waiter);
  }
}

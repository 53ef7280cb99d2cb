interface Event {
  readonly atMs: number;
  /** Orders what happens at the same time. */
  readonly number: number;
  readonly act: () => void;
}

/** Simulated time: what is to happen, in order, as quickly as the machine can. */
export class EventQueue {
  readonly #heap: Event[] = [];
  #scheduled = 0;
  #nowMs = 0;

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Has something happen after that time. */
  in(delayMs: number, act: () => void): void {
    this.#scheduled += 1;
    const event = { atMs: this.#nowMs + delayMs, number: this.#scheduled, act };
    let at = this.#heap.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = this.#heap[parent];
      if (above === undefined || isBefore(above, event)) break;
      this.#heap[at] = above;
      at = parent;
    }
    this.#heap[at] = event;
  }

  /** Lets time pass, up to this moment. */
  runUntil(endMs: number): void {
    for (;;) {
      const [next] = this.#heap;
      if (next === undefined || next.atMs > endMs) break;
      this.#removeFirst();
      this.#nowMs = next.atMs;
      next.act();
    }
    this.#nowMs = endMs;
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const [left, right] = [heap[2 * at + 1], heap[2 * at + 2]];
      const isRight = right !== undefined && left !== undefined && isBefore(right, left);
      const child = isRight ? right : left;
      if (child === undefined || isBefore(last, child)) break;
      heap[at] = child;
      at = 2 * at + (isRight ? 2 : 1);
    }
    heap[at] = last;
  }
}

function isBefore(one: Event, other: Event): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.number < other.number);
}

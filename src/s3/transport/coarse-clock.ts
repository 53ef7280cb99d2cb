/** How often deadlines are looked at while something is under way. */
export const TICK_MS = 50;

/**
 * One timer for all deadlines of a client: they are fields with a time of this clock, which cost a request nothing and
 * are seen within two ticks. Time in which the process was held up does not count, as what came in is still unread.
 */
export class CoarseClock {
  /** Milliseconds, up to one tick old. */
  nowMs = 0;
  readonly #onTick: () => number;
  #readAtMs = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #isAwake = false;

  /** @param onTick - looks at the deadlines; returns after how many milliseconds it wants to do so again, or 0 */
  constructor(onTick: () => number) {
    this.#onTick = onTick;
  }

  /** Before anything with a deadline begins. */
  wake(): void {
    if (this.#isAwake) return;
    this.#advance(Infinity);
    this.#sleep(TICK_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #sleep(delayMs: number): void {
    this.stop();
    this.#isAwake = delayMs === TICK_MS;
    this.#timer = setTimeout(() => {
      this.#advance(delayMs + TICK_MS);
      const nextMs = this.#onTick();
      this.#isAwake = false;
      if (nextMs > 0) this.#sleep(Math.max(TICK_MS, nextMs));
    }, delayMs).unref();
  }

  #advance(mostMs: number): void {
    const readAtMs = performance.now();
    this.nowMs += Math.round(Math.min(readAtMs - this.#readAtMs, mostMs));
    this.#readAtMs = readAtMs;
  }
}

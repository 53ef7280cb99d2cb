import type { CredentialClock } from '../../src/credentials/credential-clock.ts';

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** Time that passes when a test says so; the wall clock can be set apart from it. */
export class FakeClock implements CredentialClock {
  #monotonicMs = 0;
  #wallOffsetMs = Date.UTC(2026, 0, 15, 12);
  readonly #timers = new Set<Timer>();
  #learnedMs = 0;
  #seed = 1;

  nowMs(): number {
    return this.#wallOffsetMs + this.#monotonicMs + this.#learnedMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  setTimer(callback: () => void, delayMs: number): () => void {
    const timer = { dueMs: this.#monotonicMs + delayMs, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** A fixed sequence that looks random. */
  chance(): number {
    this.#seed = (this.#seed * 48_271) % 2_147_483_647;
    return this.#seed / 2_147_483_647;
  }

  get timerCount(): number {
    return this.#timers.size;
  }

  /** Sets the wall clock forward or back; nothing else notices. */
  jumpMs(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  /** Puts the time right by S3's, as the signing clock does when S3 refuses a signature for its time. */
  learnMs(byMs: number): void {
    this.#learnedMs += byMs;
  }

  /** Lets time pass, timer by timer, and everything that they set off. */
  async advance(byMs: number): Promise<void> {
    const endMs = this.#monotonicMs + byMs;
    for (;;) {
      const next = [...this.#timers]
        .filter(({ dueMs }) => dueMs <= endMs)
        .sort((a, b) => a.dueMs - b.dueMs)[0];
      if (next === undefined) break;
      this.#monotonicMs = Math.max(this.#monotonicMs, next.dueMs);
      this.#timers.delete(next);
      next.callback();
      await settle();
    }
    this.#monotonicMs = endMs;
    await settle();
  }
}

/** Lets every promise that is ready run. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  await new Promise((resolve) => setImmediate(resolve));
}

import { ProxyFailure } from '../failures.ts';
import type { ClientWatch } from '../s3/client-watch.ts';

export interface SlotLimits {
  /** Requests at S3 at a time. */
  readonly maxRequests: number;
  /** Requests that may wait for one of those to end. */
  readonly maxQueued: number;
  readonly queueTimeMs: number;
}

/**
 * Bounds how much is asked of S3 at a time. What is over the bound waits for a moment, in order, and is then refused
 * quickly: a client that is told 503 can go elsewhere, one that waits cannot.
 */
export class RequestSlots {
  #limits: SlotLimits;
  readonly #queue = new Set<() => void>();
  #taken = 0;

  constructor(limits: SlotLimits) {
    this.#limits = limits;
  }

  /** Other bounds from now on; what is under way counts for them. */
  setLimits(limits: SlotLimits): void {
    this.#limits = limits;
    for (const take of [...this.#queue]) {
      if (!this.tryTake()) break;
      take();
    }
  }

  /** How many wait. */
  get queueLength(): number {
    return this.#queue.size;
  }

  /** Takes a slot if one is free. */
  tryTake(): boolean {
    if (this.#taken >= this.#limits.maxRequests) return false;
    this.#taken += 1;
    return true;
  }

  /** Waits for a slot and takes it. @throws {ProxyFailure} `overloaded`, or `client_gone` */
  wait(watch: ClientWatch): Promise<void> {
    if (this.#queue.size >= this.#limits.maxQueued) return Promise.reject(new ProxyFailure('overloaded'));
    return new Promise((resolve, reject) => {
      const take = (): void => {
        clearTimeout(timer);
        this.#queue.delete(take);
        resolve();
      };
      const giveUp = (failure: 'overloaded' | 'client_gone'): void => {
        clearTimeout(timer);
        // One that was given its slot has nothing to give up.
        if (this.#queue.delete(take)) reject(new ProxyFailure(failure));
      };
      const timer = setTimeout(() => giveUp('overloaded'), this.#limits.queueTimeMs);
      watch.onGone(() => giveUp('client_gone'));
      this.#queue.add(take);
    });
  }

  /** Gives a slot back, to the one who has waited longest. */
  release(): void {
    const [next] = this.#queue;
    // There are more than there may be where the bound was lowered.
    if (next === undefined || this.#taken > this.#limits.maxRequests) this.#taken -= 1;
    else next();
  }
}

import type { ServerResponse } from 'node:http';

/** Knows the responses that have not ended, so that a drain can wait for them. */
export class RequestsInFlight {
  /** By response, how to end it before its time. */
  readonly #cuts = new Map<ServerResponse, () => void>();
  #isDraining = false;
  readonly #waiting: (() => void)[] = [];

  /** @param cut - ends the response so that its client sees that it is not whole */
  add(response: ServerResponse, cut: () => void): void {
    this.#cuts.set(response, cut);
    if (this.#isDraining) response.shouldKeepAlive = false;
    response.once('close', () => this.#remove(response));
  }

  /**
   * Waits until all responses have ended; at the deadline the rest are cut.
   * @returns how many were cut
   */
  async drain(deadlineMs: number): Promise<number> {
    this.#isDraining = true;
    // A head that is still to be written says `Connection: close`, so that nginx opens its next one elsewhere.
    for (const response of this.#cuts.keys()) response.shouldKeepAlive = false;
    const timeout = Promise.withResolvers<'late'>();
    const timer = setTimeout(() => timeout.resolve('late'), deadlineMs);
    const outcome = await Promise.race([this.whenEmpty(), timeout.promise]);
    clearTimeout(timer);
    if (outcome !== 'late') return 0;
    const left = [...this.#cuts.values()];
    left.forEach((cut) => cut());
    return left.length;
  }

  /** Resolves when no response is left; those that were cut are left until their connections have closed. */
  whenEmpty(): Promise<void> {
    if (this.#cuts.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #remove(response: ServerResponse): void {
    this.#cuts.delete(response);
    if (this.#cuts.size === 0) this.#waiting.splice(0).forEach((resolve) => resolve());
  }
}

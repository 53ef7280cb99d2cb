import type { ServerResponse } from 'node:http';

/** Knows the responses that have not ended, so that a drain can wait for them. */
export class RequestsInFlight {
  /** By response, how to end it before its time. */
  readonly #cuts = new Map<ServerResponse, () => void>();
  #isDraining = false;
  #onEmpty: (() => void) | undefined;

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
    if (this.#cuts.size === 0) return 0;
    const isEmptyInTime = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), deadlineMs);
      this.#onEmpty = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
    if (isEmptyInTime) return 0;
    const left = [...this.#cuts.values()];
    left.forEach((cut) => cut());
    return left.length;
  }

  #remove(response: ServerResponse): void {
    this.#cuts.delete(response);
    if (this.#cuts.size === 0) this.#onEmpty?.();
  }
}

import type { ServerResponse } from 'node:http';

/** Knows the responses that have not ended, so that a drain can wait for them. */
export class RequestsInFlight {
  readonly #responses = new Set<ServerResponse>();
  #isDraining = false;
  #onEmpty: (() => void) | undefined;

  add(response: ServerResponse): void {
    this.#responses.add(response);
    if (this.#isDraining) response.shouldKeepAlive = false;
    response.once('close', () => this.#remove(response));
  }

  /**
   * Waits until all responses have ended; at the deadline the rest are destroyed, which their clients see.
   * @returns how many were destroyed
   */
  async drain(deadlineMs: number): Promise<number> {
    this.#isDraining = true;
    // A head that is still to be written says `Connection: close`, so that nginx opens its next one elsewhere.
    for (const response of this.#responses) response.shouldKeepAlive = false;
    if (this.#responses.size === 0) return 0;
    const isEmptyInTime = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), deadlineMs);
      this.#onEmpty = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
    if (isEmptyInTime) return 0;
    const left = [...this.#responses];
    left.forEach((response) => response.destroy());
    return left.length;
  }

  #remove(response: ServerResponse): void {
    this.#responses.delete(response);
    if (this.#responses.size === 0) this.#onEmpty?.();
  }
}

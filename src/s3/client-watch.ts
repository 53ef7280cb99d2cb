/**
 * Tells the work on a request that nobody wants it any more, so that S3's connection is freed at once (design rule 5): the
 * client has left, or a second attempt was quicker.
 */
export class ClientWatch {
  #isGone = false;
  readonly #callbacks: (() => void)[] = [];

  get isGone(): boolean {
    return this.#isGone;
  }

  /** Calls when that happens, once. Work that is over by then must not mind. */
  onGone(callback: () => void): void {
    this.#callbacks.push(callback);
  }

  markGone(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    for (const callback of this.#callbacks) callback();
    this.#callbacks.length = 0;
  }
}

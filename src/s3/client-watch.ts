/**
 * Tells the work on a request that nobody wants it any more, so that S3's connection is freed at once (design rule 5): the
 * client has left, or a second attempt was quicker.
 */
export class ClientWatch {
  #isGone = false;
  #callbacks: (() => void)[] = [];

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
    const callbacks = this.#callbacks;
    this.#callbacks = [];
    callbacks.forEach((callback) => callback());
  }
}

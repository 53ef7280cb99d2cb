/** Tells the work on a request that its client has left, so that S3's connection is freed at once (design rule 5). */
export class ClientWatch {
  #isGone = false;
  /** What to do when the client leaves; the newest counts, and it is called at most once. */
  onGone: (() => void) | undefined;

  get isGone(): boolean {
    return this.#isGone;
  }

  markGone(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.onGone?.();
    this.onGone = undefined;
  }
}

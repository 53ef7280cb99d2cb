/** AWS's limit is 15 minutes; from four on the SDKs call it skew and not delay. */
const LEAST_SKEW_MS = 4 * 60_000;

/** The time that signatures carry and expiries are read by: this machine's, put right by S3's where S3 refused it. */
export class SigningClock {
  readonly #onLearned: (offsetMs: number) => void;
  #offsetMs = 0;

  /** @param onLearned - told when the offset changes */
  constructor(onLearned: (offsetMs: number) => void) {
    this.#onLearned = onLearned;
  }

  /** S3's time less this machine's. */
  get offsetMs(): number {
    return this.#offsetMs;
  }

  /** Takes an offset that another process has learned. */
  adopt(offsetMs: number): void {
    this.#offsetMs = offsetMs;
  }

  /** Takes an offset that another process has learned, and tells of it as if it were learned here. */
  announce(offsetMs: number): void {
    this.#offsetMs = offsetMs;
    this.#onLearned(offsetMs);
  }

  nowMs(): number {
    return Date.now() + this.#offsetMs;
  }

  /**
   * Takes S3's time from a refusal, if the two clocks are really apart.
   * @param date - the Date header of a refusal that came over TLS or from this machine
   * @returns whether a new signature would carry another time
   */
  learn(date: string | undefined): boolean {
    const s3NowMs = Date.parse(date ?? '');
    if (!(Math.abs(s3NowMs - this.nowMs()) > LEAST_SKEW_MS)) return false;
    this.announce(s3NowMs - Date.now());
    return true;
  }
}

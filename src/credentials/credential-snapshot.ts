import type { Credentials } from '../s3/sign/request-signer.ts';
import type { CredentialClock } from './credential-clock.ts';
import type { CredentialListener } from './credential-source.ts';
import { haveSameKeys, type IssuedCredentials } from './issued-credentials.ts';
import { isNearExpiry } from './refresh-schedule.ts';

/** How long the first requests may wait for the first credentials, counted from the start. */
export const FIRST_WAIT_MS = 5000;

/** The credentials that requests read, whoever keeps them fresh. */
export class CredentialSnapshot {
  readonly #clock: CredentialClock;
  readonly #firstWaitMs: number;
  readonly #startedAtMs: number;
  readonly #hasFirst = Promise.withResolvers<undefined>();
  readonly #listeners = new Set<CredentialListener>();
  #current: IssuedCredentials | undefined;

  constructor(clock: CredentialClock, firstWaitMs: number) {
    this.#clock = clock;
    this.#firstWaitMs = firstWaitMs;
    this.#startedAtMs = clock.monotonicMs();
  }

  get current(): IssuedCredentials | undefined {
    return this.#current;
  }

  /** Takes these, unless they are those in use, which stay the same object. @returns whether they are others */
  set(issued: IssuedCredentials): boolean {
    const held = this.#current;
    if (held !== undefined && held.expiresAtMs === issued.expiresAtMs && haveSameKeys(held, issued))
      return false;
    this.#current = issued;
    this.#hasFirst.resolve(undefined);
    for (const listener of this.#listeners) listener(issued);
    return true;
  }

  onNew(listener: CredentialListener): () => void {
    this.#listeners.add(listener);
    if (this.#current !== undefined) listener(this.#current);
    return () => this.#listeners.delete(listener);
  }

  async waitForFirst(): Promise<Credentials | undefined> {
    // Counted from the start, not from the request: when the source has been down for long, requests fail quickly.
    const leftMs = this.#startedAtMs + this.#firstWaitMs - this.#clock.monotonicMs();
    if (this.#current !== undefined || leftMs <= 0) return this.#current;
    const deadline = Promise.withResolvers<undefined>();
    const cancel = this.#clock.setTimer(() => deadline.resolve(undefined), leftMs);
    await Promise.race([this.#hasFirst.promise, deadline.promise]);
    cancel();
    return this.#current;
  }

  /** What to sign with in place of refused keys. A fetch that brought the same keys again brought nothing to try with. */
  betterThan(refused: Credentials): Credentials {
    return this.#current === undefined || haveSameKeys(this.#current, refused) ? refused : this.#current;
  }

  mayBeExpired(): boolean {
    return isNearExpiry(this.#clock.nowMs(), this.#current?.expiresAtMs);
  }
}

import type { Credentials } from '../s3/sign/request-signer.ts';
import type { CredentialClock } from './credential-clock.ts';
import { CredentialSnapshot, FIRST_WAIT_MS } from './credential-snapshot.ts';
import type { CredentialListener, CredentialSource } from './credential-source.ts';
import type { IssuedCredentials } from './issued-credentials.ts';

/** Asks whoever keeps the credentials for better ones than these. @returns when newer ones, if any, have been set */
export type AskForBetter = (refused: Credentials) => Promise<void>;

/** Credentials that another process keeps fresh. */
export class RelayedCredentials implements CredentialSource {
  readonly #snapshot: CredentialSnapshot;
  readonly #askForBetter: AskForBetter;
  #asking: Promise<void> | undefined;

  constructor(clock: CredentialClock, askForBetter: AskForBetter) {
    this.#snapshot = new CredentialSnapshot(clock, FIRST_WAIT_MS);
    this.#askForBetter = askForBetter;
  }

  set(issued: IssuedCredentials): void {
    this.#snapshot.set(issued);
  }

  current(): Credentials | undefined {
    return this.#snapshot.current;
  }

  waitForFirst(): Promise<Credentials | undefined> {
    return this.#snapshot.waitForFirst();
  }

  async replaceRefused(refused: Credentials): Promise<Credentials> {
    if (this.#snapshot.current === refused) {
      this.#asking ??= this.#askForBetter(refused).finally(() => {
        this.#asking = undefined;
      });
      await this.#asking;
    }
    return this.#snapshot.betterThan(refused);
  }

  onNew(listener: CredentialListener): () => void {
    return this.#snapshot.onNew(listener);
  }

  mayBeExpired(): boolean {
    return this.#snapshot.mayBeExpired();
  }
}

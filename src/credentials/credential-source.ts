import type { Credentials } from '../s3/sign/request-signer.ts';

export type CredentialListener = (credentials: Credentials) => void;

/** Who we are, as seen from the request path: a snapshot that is read, hardly ever waited for. */
export interface CredentialSource {
  /**
   * The newest credentials, never waited for. The same object as long as they are the same keys.
   * @returns undefined where there never were any.
   */
  current(): Credentials | undefined;
  /** Waits, for a bounded time, for the first credentials ever; for requests that come before them. */
  waitForFirst(): Promise<Credentials | undefined>;
  /**
   * For keys that S3 refused: the newer ones if there are some already, else what one forced refresh brings.
   * @returns the refused object itself where there is nothing better
   */
  replaceRefused(refused: Credentials): Promise<Credentials>;
  /** Tells of credentials that are other keys than before, and of those at hand at once. @returns tells no more */
  onNew?(listener: CredentialListener): () => void;
  /** Whether our clock says that these may be refused: close to their expiry or past it. */
  mayBeExpired(): boolean;
}

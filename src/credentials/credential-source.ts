import type { Credentials } from '../s3/sign-request.ts';

/** Who we are, as seen from the request path: a snapshot that is read, never waited for. */
export interface CredentialSource {
  /**
   * The newest credentials. The same object as long as they are the same keys.
   * @returns undefined where there never were any.
   */
  current(): Credentials | undefined;
}

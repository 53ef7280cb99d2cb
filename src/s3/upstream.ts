import type { CredentialSource } from '../credentials/credential-source.ts';
import type { AttemptClient } from './attempt.ts';
import type { RequestSigner } from './sign/request-signer.ts';
import type { SigningClock } from './signing-clock.ts';

/** All that is needed to ask S3 for a route's objects; made once at start. */
export interface Upstream {
  readonly client: AttemptClient;
  readonly sign: RequestSigner;
  readonly clock: SigningClock;
  /** Whether its Date may set the clock: over plain HTTP from another machine anybody on the way could. */
  readonly isClockTrusted: boolean;
  readonly credentials: CredentialSource;
}

import type { CredentialSource } from '../credentials/credential-source.ts';
import type { AttemptClient } from './attempt.ts';
import type { Resilience } from './resilience.ts';
import type { RequestSigner } from './sign/request-signer.ts';
import type { SigningClock } from './signing-clock.ts';

/** Where a route's bucket is asked, and how; another once a wrong region was learned. */
export interface Location {
  readonly region: string;
  readonly client: AttemptClient;
  readonly sign: RequestSigner;
}

/** All that is needed to ask S3 for a route's objects; made once at start. */
export interface Upstream {
  /** Where it is asked now. */
  readonly location: Location;
  readonly credentials: CredentialSource;
  readonly clock: SigningClock;
  /** Whether its Date may set the clock: over plain HTTP from another machine anybody on the way could. */
  readonly isClockTrusted: boolean;
  readonly resilience: Resilience;
  /** Asks in another region from now on. @returns false where that is forbidden, or is where it is asked already */
  moveTo(region: string): boolean;
}

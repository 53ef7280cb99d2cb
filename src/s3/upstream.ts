import type { CredentialSource } from '../credentials/credential-source.ts';
import type { AttemptClient } from './attempt.ts';
import type { RequestSigner } from './sign-request.ts';

/** All that is needed to ask S3 for a route's objects; made once at start. */
export interface Upstream {
  readonly client: AttemptClient;
  readonly sign: RequestSigner;
  readonly credentials: CredentialSource;
}

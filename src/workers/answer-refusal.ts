import type { CredentialManager } from '../credentials/credential-manager.ts';
import type { IssuedCredentials } from '../credentials/issued-credentials.ts';

/** The keys that S3 refused to a worker. */
export interface RefusedKeys {
  readonly accessKeyId: string;
  readonly sessionToken: string | undefined;
}

/**
 * Finds the best credentials after a refusal: those there are if they are others by now, else what one forced fetch for
 * the whole daemon brings.
 */
export async function answerRefusal(
  manager: CredentialManager | undefined,
  refused: RefusedKeys,
): Promise<IssuedCredentials | undefined> {
  const current = manager?.current();
  if (current?.accessKeyId === refused.accessKeyId && current.sessionToken === refused.sessionToken) {
    await manager?.refreshForced();
  }
  return manager?.current();
}

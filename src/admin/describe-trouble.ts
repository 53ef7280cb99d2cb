import type { CredentialStatus } from '../credentials/credential-manager.ts';

/** Why a source gave nothing, in its own words; they name it, mostly. */
export function describeTrouble({ source, lastError }: CredentialStatus): string {
  if (lastError === undefined) return `${source}: no answer yet`;
  return lastError.includes(source) ? lastError : `${source}: ${lastError}`;
}

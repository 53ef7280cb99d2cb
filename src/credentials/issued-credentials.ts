import type { Credentials } from '../s3/sign/request-signer.ts';

/** Credentials as a source gives them. */
export interface IssuedCredentials extends Credentials {
  /** Unix milliseconds; undefined for keys that do not end. */
  readonly expiresAtMs: number | undefined;
}

/** Something that can be asked for credentials. */
export interface CredentialProvider {
  /** For logs and status: `instance metadata (IMDSv2)`. Known once a fetch succeeded, a guess before. */
  readonly source: string;
  /** Files whose change means new credentials. */
  readonly watchedFiles: readonly string[];
  /** Asks the source anew. @throws {CredentialError} in the operator's words */
  fetch(): Promise<IssuedCredentials>;
}

/** A source gave no credentials. Its message says which one, why, and what to look at. */
export class CredentialError extends Error {
  override readonly name = 'CredentialError';
}

/** A key id that may be shown. */
export function maskKeyId(accessKeyId: string): string {
  return `…${accessKeyId.slice(-4)}`;
}

/** Whether a signature by the one is a signature by the other. */
export function haveSameKeys(one: Credentials, other: Credentials): boolean {
  return (
    one.accessKeyId === other.accessKeyId &&
    one.secretAccessKey === other.secretAccessKey &&
    one.sessionToken === other.sessionToken
  );
}

import type { CredentialSettings } from '../config/config.ts';
import { explainCredentialError } from './explain-credential-error.ts';
import { CredentialError, type CredentialProvider, type IssuedCredentials } from './issued-credentials.ts';
import { toIssued } from './sdk-sources.ts';
import { withDeadline } from './with-deadline.ts';

export interface RoleSettings extends CredentialSettings {
  readonly roleArn: string;
  /** Of the STS endpoint. */
  readonly region: string | undefined;
}

const DEFAULT_SESSION_NAME = 's3-helper';
const STS_DEADLINE_MS = 20_000;

/** Puts a role on top of another provider's credentials (STS AssumeRole), with those fetched anew each time. */
export function assumeRole(base: CredentialProvider, settings: RoleSettings): CredentialProvider {
  return {
    get source() {
      return `role ${settings.roleArn} by ${base.source}`;
    },
    watchedFiles: base.watchedFiles,
    fetch: async () => {
      const { expiresAtMs, ...masterCredentials } = await base.fetch();
      try {
        return await askSts(settings, {
          ...masterCredentials,
          ...(expiresAtMs !== undefined && { expiration: new Date(expiresAtMs) }),
        });
      } catch (error) {
        throw new CredentialError(
          `role ${settings.roleArn}: ${explainCredentialError('assume_role', error)}`,
          { cause: error },
        );
      }
    },
  };
}

async function askSts(
  settings: RoleSettings,
  masterCredentials: Omit<IssuedCredentials, 'expiresAtMs'> & { readonly expiration?: Date },
): Promise<IssuedCredentials> {
  const { fromTemporaryCredentials } = await import('@aws-sdk/credential-providers');
  const { sessionToken, ...keys } = masterCredentials;
  const provide = fromTemporaryCredentials({
    masterCredentials: { ...keys, ...(sessionToken !== undefined && { sessionToken }) },
    params: {
      RoleArn: settings.roleArn,
      RoleSessionName: settings.sessionName ?? DEFAULT_SESSION_NAME,
      ...(settings.externalId !== undefined && { ExternalId: settings.externalId }),
      ...(settings.durationMs !== undefined && { DurationSeconds: Math.round(settings.durationMs / 1000) }),
    },
    ...(settings.region !== undefined && { clientConfig: { region: settings.region } }),
  });
  return toIssued(await withDeadline(provide(), STS_DEADLINE_MS));
}

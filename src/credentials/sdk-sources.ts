import type { AwsCredentialIdentity } from '@aws-sdk/types';
import type { CredentialSettings, CredentialSourceName } from '../config/config.ts';
import type { IssuedCredentials } from './issued-credentials.ts';
import { withDeadline } from './with-deadline.ts';

export type SdkSource = Exclude<CredentialSourceName, 'auto'>;

/** The SDK writes its worries to the console unless it is given a logger; ours are in the errors. */
const QUIET = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };
const METADATA_TIMEOUT_MS = 1000;

/**
 * The SDK's own timeouts do not cover a body that never ends, an endpoint that never answers, or STS (measured with
 * 3.1169), so every call has a deadline of ours.
 */
const DEADLINE_MS: Readonly<Record<SdkSource, number>> = {
  environment: 1000,
  instance: 5000,
  container: 5000,
  web_identity: 20_000,
  profile: 30_000,
  sso: 30_000,
  process: 60_000,
};

/**
 * Asks one source through the AWS SDK, with nothing remembered from before: each call makes a new provider, so the SDK's
 * own caches and chains, which hide failures and never back off, stay out of the way. A source's modules are loaded when it
 * is asked.
 * @throws the SDK's error
 */
export function fetchFromSource(source: SdkSource, settings: CredentialSettings): Promise<IssuedCredentials> {
  return withDeadline(askSource(source, settings), DEADLINE_MS[source]);
}

async function askSource(source: SdkSource, settings: CredentialSettings): Promise<IssuedCredentials> {
  const sdk = await import('@aws-sdk/credential-providers');
  const options = {
    logger: QUIET,
    ignoreCache: true,
    ...(settings.profile !== undefined && { profile: settings.profile }),
  };
  switch (source) {
    case 'environment':
      return toIssued(await sdk.fromEnv({ logger: QUIET })());
    case 'profile':
      return toIssued(await sdk.fromIni(options)());
    case 'sso':
      return toIssued(await sdk.fromSSO(options)());
    case 'process':
      return toIssued(await sdk.fromProcess(options)());
    case 'web_identity':
      return toIssued(await sdk.fromTokenFile({ logger: QUIET, ...sessionName(settings) })());
    case 'container':
      return toIssued(await sdk.fromHttp({ logger: QUIET, timeout: METADATA_TIMEOUT_MS, maxRetries: 0 })());
    case 'instance':
      return toIssued(
        await sdk.fromInstanceMetadata({
          logger: QUIET,
          timeout: METADATA_TIMEOUT_MS,
          maxRetries: 0,
          ec2MetadataV1Disabled: !settings.imdsV1,
        })(),
      );
  }
}

/** The SDK's identity in our words. Its `originalExpiration` is the true one where it has invented another. */
export function toIssued(
  identity: AwsCredentialIdentity & { readonly originalExpiration?: Date },
): IssuedCredentials {
  const expiration = identity.originalExpiration ?? identity.expiration;
  return {
    accessKeyId: identity.accessKeyId,
    secretAccessKey: identity.secretAccessKey,
    sessionToken: identity.sessionToken,
    expiresAtMs: expiration?.getTime(),
  };
}

function sessionName({ sessionName: name }: CredentialSettings): { roleSessionName?: string } {
  return name === undefined ? {} : { roleSessionName: name };
}

function ignore(): void {
  // See QUIET.
}

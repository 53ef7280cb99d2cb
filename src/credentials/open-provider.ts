import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { CredentialSettings, CredentialSourceName } from '../config/config.ts';
import { explainCredentialError } from './explain-credential-error.ts';
import { CredentialError, type CredentialProvider, type IssuedCredentials } from './issued-credentials.ts';
import { fetchFromSource, type SdkSource } from './sdk-sources.ts';
import { assumeRole } from './assume-role.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The provider that the settings name, or with `source: auto` the one that AWS's own order finds: environment, shared
 * files, web identity, container, instance. A source that is configured is the identity: when it fails, the next one is
 * not asked in its place, as that would be somebody else.
 * @param region - for STS, where a role is assumed.
 */
export function openProvider(
  settings: CredentialSettings,
  environment: Environment,
  region: string | undefined,
): CredentialProvider {
  const provider = new SourceProvider(settings, environment);
  return settings.roleArn === undefined
    ? provider
    : assumeRole(provider, { ...settings, roleArn: settings.roleArn, region });
}

class SourceProvider implements CredentialProvider {
  readonly watchedFiles: readonly string[];
  readonly #settings: CredentialSettings;
  readonly #candidates: readonly SdkSource[];
  #chosen: SdkSource | undefined;

  constructor(settings: CredentialSettings, environment: Environment) {
    this.#settings = settings;
    this.#candidates = settings.source === 'auto' ? findCandidates(settings, environment) : [settings.source];
    this.watchedFiles = this.#candidates.flatMap((source) => listFiles(source, environment));
  }

  get source(): string {
    const name = this.#chosen ?? this.#candidates.at(-1) ?? 'none';
    const { profile } = this.#settings;
    return name === 'profile' && profile !== undefined ? `profile ${profile}` : SOURCE_TITLES[name];
  }

  async fetch(): Promise<IssuedCredentials> {
    let failure = NO_SOURCE;
    for (const source of this.#chosen === undefined ? this.#candidates : [this.#chosen]) {
      try {
        const issued = await fetchFromSource(source, this.#settings);
        this.#chosen = source;
        return issued;
      } catch (error) {
        failure = `${SOURCE_TITLES[source]}: ${explainCredentialError(source, error)}`;
        // Only a shared file without a usable profile leaves the question open.
        if (!isAbsent(error)) break;
      }
    }
    throw new CredentialError(failure);
  }
}

const SOURCE_TITLES: Readonly<Record<CredentialSourceName | 'none', string>> = {
  auto: 'automatic choice',
  environment: 'environment variables',
  profile: 'shared configuration files',
  sso: 'SSO',
  process: 'credential process',
  web_identity: 'web identity token',
  container: 'container credentials endpoint',
  instance: 'instance metadata (IMDSv2)',
  none: 'no source',
};

const NO_SOURCE =
  'no credentials are configured: there are no AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, no shared files, no web ' +
  'identity, no container endpoint, and AWS_EC2_METADATA_DISABLED forbids to ask the instance';

/** AWS's order (SDKs and Tools Reference Guide, "Standardized credential providers"). */
function findCandidates(settings: CredentialSettings, environment: Environment): readonly SdkSource[] {
  const profile = settings.profile ?? environment['AWS_PROFILE'];
  if (profile !== undefined && profile !== '') return ['profile'];
  if (environment['AWS_ACCESS_KEY_ID'] && environment['AWS_SECRET_ACCESS_KEY']) return ['environment'];
  const candidates: SdkSource[] = listFiles('profile', environment).some(isFile) ? ['profile'] : [];
  if (environment['AWS_WEB_IDENTITY_TOKEN_FILE'] && environment['AWS_ROLE_ARN'])
    return [...candidates, 'web_identity'];
  if (
    environment['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'] ||
    environment['AWS_CONTAINER_CREDENTIALS_FULL_URI']
  ) {
    return [...candidates, 'container'];
  }
  const isDisabled = !['', 'false', undefined].includes(environment['AWS_EC2_METADATA_DISABLED']);
  return isDisabled ? candidates : [...candidates, 'instance'];
}

function listFiles(source: SdkSource, environment: Environment): readonly string[] {
  const awsDirectory = join(homedir(), '.aws');
  const sharedFiles = [
    environment['AWS_SHARED_CREDENTIALS_FILE'] ?? join(awsDirectory, 'credentials'),
    environment['AWS_CONFIG_FILE'] ?? join(awsDirectory, 'config'),
  ];
  const tokenFiles = (name: string): readonly string[] => (environment[name] ? [environment[name]] : []);
  switch (source) {
    case 'profile':
    case 'sso':
    case 'process':
      return sharedFiles;
    case 'web_identity':
      return tokenFiles('AWS_WEB_IDENTITY_TOKEN_FILE');
    case 'container':
      return tokenFiles('AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE');
    case 'environment':
    case 'instance':
      return [];
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** The SDK marks what is merely not configured; a login that ran out or a refused role is marked otherwise. */
function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'tryNextLink' in error && error.tryNextLink === true;
}

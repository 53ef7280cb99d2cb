import type { Config, CredentialSettings, Route } from '../config/config.ts';

/** One source of credentials, for all routes that have the same settings. */
export interface CredentialGroup {
  /** The same in two configurations where their settings are. */
  readonly key: string;
  readonly settings: CredentialSettings;
  /** Of the STS endpoint. */
  readonly region: string;
}

/** Which source signs for which route. */
export interface CredentialGroups {
  readonly groups: readonly CredentialGroup[];
  /** Index into `groups`. */
  readonly indexOf: (route: Route) => number;
}

/** Finds the distinct sources of a configuration, always in the same order. */
export function groupCredentials(config: Config): CredentialGroups {
  const groups: CredentialGroup[] = [];
  const indexByKey = new Map<string, number>();
  const indexByPath = new Map<string, number>();
  for (const { path, credentials: settings = config.credentials, s3 } of config.routes) {
    // STS is asked in the region of the bucket, so a role in two regions is two sources.
    const key = JSON.stringify([settings, settings.roleArn === undefined ? undefined : s3.region]);
    let index = indexByKey.get(key);
    if (index === undefined) {
      index = groups.push({ key, settings, region: s3.region }) - 1;
      indexByKey.set(key, index);
    }
    indexByPath.set(path, index);
  }
  return { groups, indexOf: ({ path }) => indexByPath.get(path) ?? 0 };
}

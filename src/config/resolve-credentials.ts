import type * as v from 'valibot';
import type { CredentialSettings } from './config.ts';
import { type NamedValue, parseValue } from './parse-value.ts';
import { isMap, isUnset } from './read-yaml.ts';
import { CREDENTIAL_SETTINGS, type Setting } from './settings.ts';

type CredentialKey = keyof typeof CREDENTIAL_SETTINGS;

/** The keys under `credentials`, of the whole program or of one route. */
export interface ParsedCredentials {
  /** Undefined where nothing is written, or nothing acceptable. */
  readonly values: {
    readonly [K in CredentialKey]: v.InferOutput<(typeof CREDENTIAL_SETTINGS)[K]['schema']> | undefined;
  };
  /** Which are written, be they acceptable or not. */
  readonly writtenKeys: ReadonlySet<string>;
}

/** @param name - of the map in mistakes */
export function resolveCredentials(
  name: string,
  { values, writtenKeys }: ParsedCredentials,
  mistakes: string[],
): CredentialSettings {
  const needRole = (['external_id', 'duration'] as const).filter((key) => values[key] !== undefined);
  if (!writtenKeys.has('role_arn') && needRole.length > 0)
    mistakes.push(`${name}.${needRole.join(`, ${name}.`)}: is for a role; write ${name}.role_arn too`);
  return {
    source: values.source ?? 'auto',
    profile: values.profile,
    roleArn: values.role_arn,
    externalId: values.external_id,
    sessionName: values.session_name,
    durationMs: values.duration,
    imdsV1: values.imds_v1 ?? false,
  };
}

/** The `credentials` map of a route, laid over the program's. @returns undefined where the route has none */
export function resolveRouteCredentials(
  entry: NamedValue,
  base: ParsedCredentials,
  mistakes: string[],
): CredentialSettings | undefined {
  const { name, value, origin } = entry;
  if (isUnset(value)) return undefined;
  if (!isMap(value)) {
    mistakes.push(`${name}: is not a map (${origin}); write one such as {role_arn: "arn:aws:iam::…"}`);
    return undefined;
  }
  const known = Object.keys(CREDENTIAL_SETTINGS);
  for (const key of Object.keys(value)) {
    if (!known.includes(key))
      mistakes.push(`${name}.${key}: no such key (${origin}); known: ${known.join(', ')}`);
  }
  const own: Record<string, unknown> = {};
  for (const [key, { schema }] of Object.entries<Setting<unknown>>(CREDENTIAL_SETTINGS)) {
    if (!isUnset(value[key]))
      own[key] = parseValue({ name: `${name}.${key}`, value: value[key], origin }, schema, mistakes);
  }
  const values = { ...base.values, ...own };
  const writtenKeys = new Set([...base.writtenKeys, ...Object.keys(own)]);
  return resolveCredentials(name, { values, writtenKeys }, mistakes);
}

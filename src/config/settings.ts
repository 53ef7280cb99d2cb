import type * as v from 'valibot';
import * as schemas from './value-schemas.ts';

/** One key of the configuration: its schema (whose messages are the accepted forms) and its default as text. */
export interface Setting<T> {
  readonly schema: v.GenericSchema<unknown, T>;
  /** As one would write it; undefined where there is none. */
  readonly defaultText: string | undefined;
}

function setting<T>(schema: v.GenericSchema<unknown, T>, defaultText?: string): Setting<T> {
  return { schema, defaultText };
}

/** The keys under `s3`, each of which a route may override. */
export const S3_SETTINGS = {
  bucket: setting(schemas.bucket),
  region: setting(schemas.region),
  prefix: setting(schemas.keyPrefix),
  endpoint: setting(schemas.endpoint),
  path_style: setting(schemas.boolean, 'false'),
  dualstack: setting(schemas.boolean, 'false'),
  fips: setting(schemas.boolean, 'false'),
  signing_region: setting(schemas.region),
  signing_service: setting(schemas.signingService),
} as const;

/**
 * Every key that holds a value, by its dotted name; `routes` is a list of maps and is read apart. This table is the one
 * source for reading, for environment names, for the default file and for the documentation.
 */
export const SETTINGS = {
  listen: setting(schemas.listenList, '127.0.0.1:8080'),
  socket_mode: setting(schemas.fileMode, '0660'),
  allow_remote: setting(schemas.boolean, 'false'),
  allowed_hosts: setting(schemas.hostList, ''),
  's3.bucket': S3_SETTINGS.bucket,
  's3.region': S3_SETTINGS.region,
  's3.prefix': S3_SETTINGS.prefix,
  's3.endpoint': S3_SETTINGS.endpoint,
  's3.path_style': S3_SETTINGS.path_style,
  's3.dualstack': S3_SETTINGS.dualstack,
  's3.fips': S3_SETTINGS.fips,
  's3.signing_region': S3_SETTINGS.signing_region,
  's3.signing_service': S3_SETTINGS.signing_service,
  'timeouts.connect': setting(schemas.durationMs, '1s'),
  'timeouts.first_byte': setting(schemas.durationMs, '10s'),
  'timeouts.body_stall': setting(schemas.durationMs, '30s'),
  'timeouts.client_header': setting(schemas.durationMs, '10s'),
  'timeouts.keep_alive': setting(schemas.durationMs, '75s'),
  'timeouts.drain': setting(schemas.durationMs, '30s'),
  'log.level': setting(schemas.logLevel, 'info'),
  'log.ident': setting(schemas.ident, 's3-helper'),
} as const;

export type SettingName = keyof typeof SETTINGS;
export type SettingValue<N extends SettingName> = v.InferOutput<(typeof SETTINGS)[N]['schema']>;

export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[];

/** The environment variable of a key: `s3.bucket` is `S3_HELPER_S3_BUCKET`. */
export function environmentName(name: string): string {
  return `S3_HELPER_${name.replaceAll('.', '_').toUpperCase()}`;
}

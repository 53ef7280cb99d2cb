import * as v from 'valibot';
import type { Config, ListenAddress, Route, S3Location } from './config.ts';
import { ConfigError } from './config-error.ts';
import { isLoopbackAddress } from './loopback-address.ts';
import { isMap, isUnset, ROUTE_KEYS, type WrittenConfig, type WrittenValue } from './read-config.ts';
import { resolveLegacyKeys } from './resolve-legacy-keys.ts';
import { S3_SETTINGS, SETTINGS, type Setting, type SettingName, type SettingValue } from './settings.ts';
import { routePath } from './value-schemas.ts';

type S3Values = {
  readonly [K in keyof typeof S3_SETTINGS]: v.InferOutput<(typeof S3_SETTINGS)[K]['schema']> | undefined;
};

/**
 * Judges every value and fills in the defaults.
 * @param defaultRegion - used where neither `s3.region` nor a route says one.
 * @throws {ConfigError} with every mistake at once.
 */
export function resolveConfig(written: WrittenConfig, defaultRegion: string | undefined): Config {
  const mistakes: string[] = [];
  const legacy = resolveLegacyKeys(written, mistakes);
  const reader = createReader(legacy.settings, mistakes);

  const s3: S3Values = {
    bucket: reader.optional('s3.bucket'),
    region: reader.optional('s3.region') ?? defaultRegion,
    prefix: reader.optional('s3.prefix'),
    endpoint: reader.optional('s3.endpoint'),
    path_style: reader.optional('s3.path_style'),
    dualstack: reader.optional('s3.dualstack'),
    fips: reader.optional('s3.fips'),
    signing_region: reader.optional('s3.signing_region'),
    signing_service: reader.optional('s3.signing_service'),
  };
  const allowRemote = reader.required('allow_remote');
  const config: Config = {
    listen: reader.required('listen'),
    socketMode: reader.required('socket_mode'),
    allowRemote,
    allowedHosts: reader.required('allowed_hosts'),
    routes: resolveRoutes(s3, legacy.routes, mistakes),
    timeouts: {
      connectMs: reader.required('timeouts.connect'),
      firstByteMs: reader.required('timeouts.first_byte'),
      bodyStallMs: reader.required('timeouts.body_stall'),
      clientHeaderMs: reader.required('timeouts.client_header'),
      keepAliveMs: reader.required('timeouts.keep_alive'),
      drainMs: reader.required('timeouts.drain'),
    },
    log: { level: reader.required('log.level'), ident: reader.required('log.ident') },
    warnings: legacy.warnings,
  };
  if (!allowRemote && mistakes.length === 0)
    config.listen.forEach((address) => checkLoopback(address, mistakes));
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return freezeDeep(config);
}

function createReader(settings: ReadonlyMap<string, WrittenValue>, mistakes: string[]) {
  const read = <N extends SettingName>(name: N): SettingValue<N> | undefined => {
    const setting = SETTINGS[name] as unknown as Setting<SettingValue<N>>;
    const written = settings.get(name) ?? { value: setting.defaultText, origin: 'default' };
    return parseValue(name, setting, written, mistakes);
  };
  return {
    optional: read,
    // A setting with a default is only ever missing after a mistake, and then the value is thrown away.
    required: <N extends SettingName>(name: N): SettingValue<N> => read(name) as SettingValue<N>,
  };
}

function parseValue<T>(
  name: string,
  setting: Setting<T>,
  written: WrittenValue,
  mistakes: string[],
): T | undefined {
  if (written.value === undefined) return undefined;
  const result = v.safeParse(setting.schema, written.value, { abortEarly: true });
  if (result.success) return result.output;
  mistakes.push(
    `${name}: ${quote(written.value)} is not accepted (${written.origin}); write ${result.issues[0].message}`,
  );
  return undefined;
}

function resolveRoutes(
  base: S3Values,
  written: WrittenValue | undefined,
  mistakes: string[],
): readonly Route[] {
  const routes: Route[] = [];
  const add = (path: string, values: S3Values, name: string): void => {
    if (routes.some((route) => route.path === path)) mistakes.push(`${name}.path: ${path} is there twice`);
    const s3 = resolveLocation(values, name, mistakes);
    if (s3 !== undefined) routes.push({ path, s3 });
  };

  const entries: unknown = written?.value ?? [];
  if (!Array.isArray(entries)) {
    mistakes.push('routes: write a list of maps, such as "- {path: /avod/, bucket: my-ads}"');
    return routes;
  }
  const before = mistakes.length;
  entries.forEach((entry: unknown, index) => {
    const name = `routes[${index}]`;
    if (!isMap(entry)) {
      mistakes.push(`${name}: write a map, such as "{path: /avod/, bucket: my-ads}"`);
      return;
    }
    const origin = written?.origin ?? '';
    for (const key of Object.keys(entry)) {
      if (!ROUTE_KEYS.includes(key))
        mistakes.push(`${name}.${key}: no such key (${origin}); known: ${ROUTE_KEYS.join(', ')}`);
    }
    const path = parseValue(
      `${name}.path`,
      { schema: routePath, defaultText: undefined },
      { value: entry['path'] ?? '', origin },
      mistakes,
    );
    const own = readRouteValues(entry, name, origin, mistakes);
    if (path !== undefined) add(path, { ...base, ...own }, name);
  });
  if (base.bucket !== undefined) add('/', base, 's3');
  else if (routes.length === 0 && mistakes.length === before)
    mistakes.push('s3.bucket: is required; write a bucket name (or give routes a bucket each)');
  return routes.sort((one, other) => other.path.length - one.path.length);
}

function readRouteValues(
  entry: Readonly<Record<string, unknown>>,
  name: string,
  origin: string,
  mistakes: string[],
): Partial<S3Values> {
  const own: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries(S3_SETTINGS)) {
    if (isUnset(entry[key])) continue;
    own[key] = parseValue(
      `${name}.${key}`,
      setting as Setting<unknown>,
      { value: entry[key], origin },
      mistakes,
    );
  }
  return own;
}

function resolveLocation(values: S3Values, name: string, mistakes: string[]): S3Location | undefined {
  // The region of an access point is part of its ARN.
  const region = values.bucket?.startsWith('arn:') ? values.bucket.split(':')[3] : values.region;
  if (values.bucket === undefined) mistakes.push(`${name}.bucket: is required; write a bucket name`);
  if (!region)
    mistakes.push(`${name}.region: is required; write an AWS region such as eu-west-1, or set AWS_REGION`);
  if (values.bucket === undefined || !region) return undefined;
  return {
    bucket: values.bucket,
    region,
    prefix: values.prefix ?? '',
    endpoint: values.endpoint,
    pathStyle: values.path_style ?? false,
    dualstack: values.dualstack ?? false,
    fips: values.fips ?? false,
    signingRegion: values.signing_region,
    signingService: values.signing_service,
  };
}

function checkLoopback(address: ListenAddress, mistakes: string[]): void {
  if (address.kind === 'unix' || isLoopbackAddress(address.host)) return;
  mistakes.push(
    `listen: ${address.host} can be reached from other machines, which could then read the bucket unsigned; ` +
      'write a loopback address such as 127.0.0.1:8080, or set allow_remote: true if that is what you want',
  );
}

function quote(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

function freezeDeep<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(freezeDeep);
  }
  return value;
}

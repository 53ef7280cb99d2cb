import { checkListeners } from './check-listeners.ts';
import type { Config } from './config.ts';
import { ConfigError } from './config-error.ts';
import { parseValue } from './parse-value.ts';
import type { WrittenConfig, WrittenValue } from './read-config.ts';
import { type ParsedCredentials, resolveCredentials } from './resolve-credentials.ts';
import { resolveLegacyKeys } from './resolve-legacy-keys.ts';
import type { ParsedS3 } from './resolve-location.ts';
import { resolveNewRelic } from './resolve-new-relic.ts';
import { resolveRoutes } from './resolve-routes.ts';
import {
  CREDENTIAL_SETTINGS,
  S3_SETTINGS,
  SETTINGS,
  type Setting,
  type SettingName,
  type SettingValue,
} from './settings.ts';

/**
 * Judges every value and fills in the defaults.
 * @throws {ConfigError} with every mistake at once.
 */
export function resolveConfig(written: WrittenConfig): Config {
  const mistakes = [...written.mistakes];
  const legacy = resolveLegacyKeys(written, mistakes);
  const settings = new Map(legacy.settings);
  if (written.awsRegion !== undefined && !settings.has('s3.region'))
    settings.set('s3.region', written.awsRegion);
  const read = createReader(settings, mistakes);

  const base = readS3(read, settings);
  const credentials = readCredentials(read, settings);
  // Routes in the environment replace all of the file's, that of s3_ad_bucket with them.
  const adRoute = (written.routes?.origin ?? written.file) === written.file ? legacy.adRoute : undefined;
  const { newRelic, warnings: newRelicWarnings } = resolveNewRelic(
    read('newrelic.license'),
    read('newrelic.name'),
  );
  const config: Config = {
    listen: read('listen'),
    socketMode: read('socket_mode'),
    allowRemote: read('allow_remote'),
    allowedHosts: read('allowed_hosts'),
    routes: resolveRoutes({ base, routes: written.routes, adRoute, credentials }, mistakes),
    credentials: resolveCredentials('credentials', credentials, mistakes),
    workers: read('workers'),
    timeouts: {
      connectMs: read('timeouts.connect'),
      firstByteMs: read('timeouts.first_byte'),
      bodyStallMs: read('timeouts.body_stall'),
      clientStallMs: read('timeouts.client_stall'),
      clientHeaderMs: read('timeouts.client_header'),
      keepAliveMs: read('timeouts.keep_alive'),
      drainMs: read('timeouts.drain'),
    },
    retries: {
      attempts: read('retries.attempts'),
      totalMs: read('retries.total'),
      resumes: read('retries.resumes'),
    },
    limits: {
      maxRequests: read('limits.max_requests'),
      maxQueued: read('limits.max_queued'),
      queueTimeMs: read('limits.queue_time'),
      maxConnections: read('limits.max_connections'),
    },
    hedge: { enabled: read('hedge.enabled'), delayMs: read('hedge.delay') },
    log: {
      level: read('log.level'),
      ident: read('log.ident'),
      access: read('log.access'),
      sample: read('log.sample'),
      destination: read('log.destination'),
    },
    newRelic,
    admin: { listen: read('admin.listen') },
    statsd: {
      address: read('statsd.address'),
      prefix: read('statsd.prefix'),
      tags: read('statsd.tags'),
      sampleRate: read('statsd.sample_rate'),
      flushIntervalMs: read('statsd.flush_interval'),
    },
    warnings: [...legacy.warnings, ...newRelicWarnings],
  };
  checkListeners(config, mistakes);
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return freezeDeep(config);
}

function readS3(read: Reader, settings: ReadonlyMap<string, WrittenValue>): ParsedS3 {
  return {
    values: {
      bucket: read('s3.bucket'),
      region: read('s3.region'),
      prefix: read('s3.prefix'),
      endpoint: read('s3.endpoint'),
      ca: read('s3.ca'),
      client: read('s3.client'),
      path_style: read('s3.path_style'),
      dualstack: read('s3.dualstack'),
      fips: read('s3.fips'),
      learn_region: read('s3.learn_region'),
      signing_region: read('s3.signing_region'),
      signing_service: read('s3.signing_service'),
    },
    writtenKeys: new Set(Object.keys(S3_SETTINGS).filter((key) => settings.has(`s3.${key}`))),
  };
}

function readCredentials(read: Reader, settings: ReadonlyMap<string, WrittenValue>): ParsedCredentials {
  return {
    values: {
      source: read('credentials.source'),
      profile: read('credentials.profile'),
      role_arn: read('credentials.role_arn'),
      external_id: read('credentials.external_id'),
      session_name: read('credentials.session_name'),
      duration: read('credentials.duration'),
      imds_v1: read('credentials.imds_v1'),
    },
    writtenKeys: new Set(
      Object.keys(CREDENTIAL_SETTINGS).filter((key) => settings.has(`credentials.${key}`)),
    ),
  };
}

type Reader = ReturnType<typeof createReader>;

/** A key with a default always has a value. */
type ReadValue<N extends SettingName> =
  SettingValue<N> | ((typeof SETTINGS)[N]['defaultText'] extends string ? never : undefined);

function createReader(settings: ReadonlyMap<string, WrittenValue>, mistakes: string[]) {
  return <N extends SettingName>(name: N): ReadValue<N> => {
    const { schema, defaultText } = SETTINGS[name] as Setting<unknown>;
    const standard = { name, value: defaultText, origin: 'default' };
    const written = settings.get(name);
    // After a mistake the default stands in, so that what is checked further on has a value; it is then thrown away.
    const value =
      written === undefined
        ? undefined
        : parseValue({ name: written.oldName ?? name, ...written }, schema, mistakes);
    const isDefault = value === undefined && defaultText !== undefined;
    return (isDefault ? parseValue(standard, schema, mistakes) : value) as ReadValue<N>;
  };
}

function freezeDeep<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(freezeDeep);
  }
  return value;
}

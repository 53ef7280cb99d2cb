import { parseDurationMs } from './value-schemas.ts';

/** What one key of an evs-s3helper file becomes. */
export interface LegacyKey {
  /** The key it sets now; undefined where the feature is not part of this program yet. */
  readonly becomes: string | undefined;
  /** The value in today's form, or undefined where it is not acceptable. */
  readonly translate: (text: string) => string | undefined;
  readonly accepts: string;
}

const asIs = (text: string): string => text;

function matching(pattern: RegExp): (text: string) => string | undefined {
  return (text) => (pattern.test(text) ? text : undefined);
}

// zerolog's level names, which evs-s3helper took (rs/zerolog, ParseLevel), with syslog's from its older versions.
const LEVELS: Readonly<Record<string, string>> = {
  trace: 'trace',
  debug: 'debug',
  info: 'info',
  notice: 'info',
  warn: 'warn',
  warning: 'warn',
  error: 'error',
  err: 'error',
  crit: 'fatal',
  fatal: 'fatal',
  panic: 'fatal',
  disabled: 'silent',
};

/** Go's YAML reads a bare integer into a time.Duration as nanoseconds, and "3s" as a duration. */
function translateGoDuration(text: string): string | undefined {
  if (/^\d+$/.test(text)) return `${Math.max(1, Math.round(Number(text) / 1e6))}ms`;
  return Number.isNaN(parseDurationMs(text)) ? undefined : text;
}

/** Every flat key of every version of evs-s3helper (its config.go since 2016), and the spelling its README used. */
export const LEGACY_KEYS: ReadonlyMap<string, LegacyKey> = new Map<string, LegacyKey>([
  ['logging.ident', { becomes: 'log.ident', translate: asIs, accepts: 'a short name' }],
  [
    'logging.level',
    {
      becomes: 'log.level',
      translate: (text) => LEVELS[text.toLowerCase()],
      accepts: `one of ${Object.keys(LEVELS).join(', ')}`,
    },
  ],
  ['s3_bucket', { becomes: 's3.bucket', translate: asIs, accepts: 'a bucket name' }],
  ['s3_ad_bucket', { becomes: 'routes', translate: asIs, accepts: 'a bucket name' }],
  ['s3_region', { becomes: 's3.region', translate: asIs, accepts: 'an AWS region' }],
  ['s3_path', { becomes: 's3.prefix', translate: asIs, accepts: 'a key prefix' }],
  ['s3_prefix', { becomes: 's3.prefix', translate: asIs, accepts: 'a key prefix' }],
  [
    's3_timeout',
    { becomes: 'timeouts.first_byte', translate: translateGoDuration, accepts: 'a duration such as 3s' },
  ],
  ['s3_retries', { becomes: undefined, translate: matching(/^\d{1,3}$/), accepts: 'a whole number' }],
  [
    'concurrency',
    { becomes: undefined, translate: matching(/^\d{1,4}$/), accepts: 'a whole number, 0 for all CPUs' },
  ],
  [
    'statsd_addr',
    {
      becomes: undefined,
      translate: matching(/^(?:\[[0-9a-fA-F:.]+\]|[\w.-]+):\d{1,5}$/),
      accepts: 'host:port',
    },
  ],
  [
    'statsd_env',
    { becomes: undefined, translate: matching(/^[\w.-]{1,64}$/), accepts: 'a short name such as prod' },
  ],
  ['newrelic.name', { becomes: undefined, translate: asIs, accepts: 'an application name' }],
  [
    'newrelic.license',
    {
      becomes: undefined,
      translate: matching(/^(?:[Nn]one|\S{40})$/),
      accepts: 'a licence key of 40 characters, or None',
    },
  ],
]);

import * as v from 'valibot';
import { parseDurationMs } from './duration.ts';
import { SETTINGS, type SettingName } from './settings.ts';

/** What one key of an evs-s3helper file becomes. */
export interface LegacyKey {
  /** The key it sets now. */
  readonly becomes: SettingName | 'routes';
  /** The value in today's words. */
  readonly translate: (text: string) => string;
  /** Takes the value, where no setting does; its messages are the accepted form. */
  readonly schema: v.GenericSchema<unknown, unknown>;
}

const asIs = (text: string): string => text;

function becoming(becomes: SettingName, translate = asIs): LegacyKey {
  return { becomes, translate, schema: v.unknown() };
}

/**
 * Every key of every version of evs-s3helper, and the spellings that only its README had. Where two of them become the
 * same key, the first of this table wins, which is the one that the last version read.
 */
export const LEGACY_KEYS: ReadonlyMap<string, LegacyKey> = new Map<string, LegacyKey>([
  ['logging.ident', becoming('log.ident')],
  ['logging.level', becoming('log.level', translateLevel)],
  ['loglevel', becoming('log.level', translateLevel)],
  ['s3_bucket', becoming('s3.bucket')],
  ['s3_ad_bucket', { becomes: 'routes', translate: asIs, schema: SETTINGS['s3.bucket'].schema }],
  ['s3_region', becoming('s3.region')],
  ['s3_prefix', becoming('s3.prefix')],
  ['s3_path', becoming('s3.prefix')],
  ['s3_timeout', becoming('timeouts.first_byte', translateGoDuration)],
  ['s3_retries', becoming('retries.attempts', translateRetries)],
  ['concurrency', becoming('workers', translateConcurrency)],
  ['statsd_addr', becoming('statsd.address')],
  ['statsd_env', becoming('statsd.prefix', translateEnvironment)],
  ['statsd_environment', becoming('statsd.prefix', translateEnvironment)],
]);

// The levels of evs-s3helper since 2019 (zerolog's), and before (syslog's), where they have another name here.
const LEVELS: Readonly<Record<string, string>> = {
  notice: 'info',
  warning: 'warn',
  err: 'error',
  crit: 'fatal',
  panic: 'fatal',
  disabled: 'silent',
};

const MOST_ATTEMPTS = 10;

/** evs counted what came after the first attempt; less than none was none. */
function translateRetries(text: string): string {
  if (/^-\d{1,9}$/.test(text)) return '1';
  return /^\d{1,9}$/.test(text) ? String(Math.min(Number(text) + 1, MOST_ATTEMPTS)) : text;
}

/** evs put the name of its program after that of the environment. */
function translateEnvironment(text: string): string {
  return v.is(SETTINGS['statsd.prefix'].schema, text) ? `${text}.s3-helper` : text;
}

const MOST_WORKERS = 64;

/** GOMAXPROCS, where 0 or less is all CPUs and nothing is too many. */
function translateConcurrency(text: string): string {
  if (/^(?:0{1,9}|-\d{1,9})$/.test(text)) return 'auto';
  return /^\d{1,9}$/.test(text) ? String(Math.min(Number(text), MOST_WORKERS)) : text;
}

/** A level that does not exist was `warn` to evs-s3helper. */
function translateLevel(text: string): string {
  const level = LEVELS[text.toLowerCase()] ?? text.toLowerCase();
  return v.is(SETTINGS['log.level'].schema, level) ? level : 'warn';
}

/**
 * Go's YAML takes a bare number for nanoseconds. Less than a millisecond, with which no request could succeed (and 0,
 * which was no limit), is the default here.
 */
function translateGoDuration(text: string): string {
  const isBareNumber = /^-?\d+$/.test(text);
  const ms = isBareNumber ? Number(text) / 1e6 : parseDurationMs(text);
  if (ms < 1) return SETTINGS['timeouts.first_byte'].defaultText;
  return isBareNumber ? `${Math.round(ms)}ms` : text;
}

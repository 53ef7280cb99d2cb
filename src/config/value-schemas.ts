import { isIP } from 'node:net';
import * as v from 'valibot';
import type { ListenAddress, LogLevel } from './config.ts';

// Every value arrives as text (YAML is read with the failsafe schema, the environment is text anyway), so that
// `bucket: 12345` and `S3_HELPER_S3_BUCKET=12345` mean the same. Each schema's message is its accepted form.

const DURATION_UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const DURATION_PATTERN = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/;
// Node's timers hold 31 bits; more would fire at once.
const LONGEST_DURATION_MS = 2 ** 31 - 1;

/** Milliseconds of `500ms`, `3s`, `1m30s`; NaN where the text is no duration. */
export function parseDurationMs(text: string): number {
  if (!DURATION_PATTERN.test(text)) return Number.NaN;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/([\d.]+)(ms|s|m|h)/g)) {
    total += Number(amount) * (DURATION_UNIT_MS[unit ?? ''] ?? Number.NaN);
  }
  return Math.round(total);
}

export const durationMs = v.pipe(
  v.string('a duration such as 500ms, 3s or 1m30s'),
  v.transform(parseDurationMs),
  v.check(
    (ms) => ms > 0 && ms <= LONGEST_DURATION_MS,
    'a duration such as 500ms, 3s or 1m30s, above zero and under 24 days',
  ),
);

export const boolean = v.pipe(
  v.picklist(['true', 'false'], 'true or false'),
  v.transform((text) => text === 'true'),
);

export const bucket = v.pipe(
  v.string('a bucket name or an access point ARN'),
  v.regex(
    /^(?:[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]|arn:[a-z-]+:[a-z0-9-]+:[a-z0-9-]*:\d{12}:accesspoint[:/][a-z0-9-]+)$/,
    'a bucket name (3 to 255 of letters, digits, dot, hyphen, underscore) or an access point ARN',
  ),
);

export const region = v.pipe(
  v.string('an AWS region such as eu-west-1'),
  v.regex(/^[a-z0-9-]{1,64}$/, 'an AWS region such as eu-west-1'),
);

export const signingService = v.pipe(
  v.string('a signing name such as s3'),
  v.regex(/^[a-z0-9-]{1,64}$/, 'a signing name such as s3'),
);

/** A key prefix, without the slashes at its ends. */
export const keyPrefix = v.pipe(
  v.string('a key prefix such as media/hd'),
  v.transform((text) => text.replace(/^\/+|\/+$/g, '')),
  v.check(
    (text) => !text.split('/').some((segment) => segment === '.' || segment === '..'),
    'a key prefix such as media/hd, without "." or ".." as a segment',
  ),
);

const ENDPOINT_PATTERN = /^https?:\/\/(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?\/?$/;

export const endpoint = v.pipe(
  v.string('http(s)://host[:port]'),
  v.regex(ENDPOINT_PATTERN, 'http://host[:port] or https://host[:port], with no path'),
  v.check((text) => URL.canParse(text), 'http://host[:port] or https://host[:port], with a port up to 65535'),
  v.transform((text) => text.replace(/\/$/, '')),
);

export const routePath = v.pipe(
  v.string('a path such as /avod/'),
  v.regex(
    /^\/(?:[A-Za-z0-9._~-]+\/)*$/,
    'a path that begins and ends with a slash, such as /avod/, of letters, digits and . _ ~ -',
  ),
  v.check((text) => !/\/\.{1,2}\//.test(text), 'a path without "." or ".." as a segment'),
);

const textList = v.pipe(
  v.union([v.string(), v.array(v.string())], 'a list, or one value'),
  v.transform((value) =>
    (typeof value === 'string' ? value.split(',') : value)
      .map((text) => text.trim())
      .filter((text) => text !== ''),
  ),
);

export const hostList = v.pipe(
  textList,
  v.transform((hosts) => hosts.map((host) => host.toLowerCase())),
  v.everyItem(
    (host) => host === '*' || /^[a-z0-9._-]+$/.test(host),
    'host names without a port, or "*" for any',
  ),
);

/** `HOST:PORT`, `[IPv6]:PORT`, `:PORT` (the loopback address) or `unix:/path`; undefined for anything else. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  if (text.startsWith('unix:')) {
    const path = text.slice('unix:'.length);
    // sun_path holds 108 bytes with its closing NUL (unix(7)).
    return path.startsWith('/') && Buffer.byteLength(path) <= 107 ? { kind: 'unix', path } : undefined;
  }
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  if (match === null) return undefined;
  const named = match[1] ?? match[2] ?? '';
  const host = named === '' || named === 'localhost' ? '127.0.0.1' : named;
  const port = Number(match[3]);
  return isIP(host) !== 0 && port <= 65_535 ? { kind: 'tcp', host, port } : undefined;
}

const LISTEN_FORM =
  '127.0.0.1:8080, [::1]:8080, :8080 (loopback) or unix:/path (up to 107 bytes), one or a list';

export const listenList = v.pipe(
  textList,
  v.transform((texts) => texts.map(parseListenAddress)),
  v.custom<ListenAddress[]>(
    (addresses) => Array.isArray(addresses) && addresses.length > 0 && !addresses.includes(undefined),
    LISTEN_FORM,
  ),
);

export const fileMode = v.pipe(
  v.string('an octal mode such as 0660'),
  v.regex(/^0?[0-7]{3}$/, 'an octal mode such as 0660'),
  v.transform((text) => Number.parseInt(text, 8)),
);

export const LOG_LEVELS = [
  'trace',
  'debug',
  'info',
  'warn',
  'error',
  'fatal',
  'silent',
] as const satisfies readonly LogLevel[];

export const logLevel = v.picklist(LOG_LEVELS, `one of ${LOG_LEVELS.join(', ')}`);

export const ident = v.pipe(
  v.string('a short name'),
  v.regex(/^[\w.-]{1,64}$/, 'up to 64 of letters, digits, dot, hyphen, underscore'),
);

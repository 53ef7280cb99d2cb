import { accessSync, constants } from 'node:fs';
import * as v from 'valibot';
import type { CredentialSourceName, ListenAddress, LogLevel } from './config.ts';
import { LONGEST_DURATION_MS, parseDurationMs } from './duration.ts';
import { LISTEN_FORM, parseListenAddress } from './listen-address.ts';

// Every value arrives as text (YAML is read without types, the environment is text anyway), so that `bucket: 12345`
// and `S3_HELPER_S3_BUCKET=12345` mean the same. Each schema's one message is its accepted form.

/** Text that fits the pattern. @typeParam T - what the types of the file say of it, where that is more than any text */
function textLike<T extends string = string>(pattern: RegExp, form: string) {
  return v.pipe(anyText<T>(form), v.regex(pattern, form));
}

function anyText<T extends string>(form: string) {
  return v.custom<T>((value) => typeof value === 'string', form);
}

/** As the types of the file have a duration, by its last unit (ms ends with s); the schemas are stricter. */
export type DurationText = `${string}${'s' | 'm' | 'h'}`;

const DURATION_FORM = 'a duration such as 500ms, 3s or 1m30s, above zero and under 24 days';

export function durationFrom(leastMs: number, mostMs: number, form: string) {
  return v.pipe(
    anyText<DurationText>(form),
    v.transform((written) => Math.round(parseDurationMs(written))),
    v.check((ms) => ms >= leastMs && ms <= mostMs, form),
  );
}

export const durationMs = durationFrom(1, LONGEST_DURATION_MS, DURATION_FORM);

export const boolean = v.pipe(
  v.picklist(['true', 'false'], 'true or false'),
  v.transform((text) => text === 'true'),
);

const BUCKET_FORM =
  'a bucket name (3 to 255 of letters, digits, dot, hyphen, underscore) or the ARN of an access point in one region';
const BUCKET_PATTERN =
  /^(?:[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]|arn:[a-z-]+:s3(?:-object-lambda)?:[a-z0-9-]+:\d{12}:accesspoint[:/][a-z0-9-]+)$/;

export const bucket = v.pipe(
  textLike(BUCKET_PATTERN, BUCKET_FORM),
  // Suffixes that AWS reserves (S3, "General purpose bucket naming rules") for what another signature opens.
  v.check(
    (name) => !/(?:--(?:x|xa|op|table)-s3|\.mrap)$/.test(name),
    `${BUCKET_FORM}; directory buckets (S3 Express), Outposts, table buckets and multi-region access points need another signature`,
  ),
);

export const region = textLike(/^[a-z0-9-]{1,64}$/, 'an AWS region such as eu-west-1');

/** S3-compatible servers name regions as they like (OpenStack: `RegionOne`). */
export const signingRegion = textLike(/^[\w-]{1,64}$/, 'a region such as us-east-1');

export const signingService = textLike(/^[a-z0-9-]{1,64}$/, 'a signing name such as s3');

const PREFIX_FORM = 'a key prefix such as media/hd, without "." or ".." as a segment';

/** A key prefix, without the slashes at its ends. */
export const keyPrefix = v.pipe(
  v.string(PREFIX_FORM),
  v.transform((text) => text.replace(/^\/+|\/+$/g, '')),
  v.check((text) => !text.split('/').some((segment) => segment === '.' || segment === '..'), PREFIX_FORM),
);

const ENDPOINT_FORM = 'http://host[:port] or https://host[:port], with no path';

export const endpoint = v.pipe(
  textLike(/^https?:\/\/(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?\/?$/, ENDPOINT_FORM),
  v.check((text) => URL.canParse(text), ENDPOINT_FORM),
  v.transform((text) => text.replace(/\/$/, '')),
);

export const readableFile = v.pipe(
  textLike(/^\/.+$/, 'an absolute path such as /etc/ssl/private-ca.pem'),
  v.check(isReadable, 'the path of a file that can be read'),
);

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

export const clientName = v.picklist(['wire', 'undici'], 'wire or undici');

const PATH_FORM =
  'a path that begins and ends with a slash, such as /avod/, of letters, digits and . _ ~ -, without "." or ".." as a segment';

export const routePath = v.pipe(
  textLike(/^\/(?:[A-Za-z0-9._~-]+\/)*$/, PATH_FORM),
  v.check((text) => !/\/\.{1,2}\//.test(text), PATH_FORM),
);

/** One text with commas, as the environment has it, or a list. */
function textList(form: string) {
  return v.pipe(
    v.union([v.string(), v.array(v.string())], form),
    v.transform((value) =>
      (typeof value === 'string' ? value.split(',') : value)
        .map((text) => text.trim())
        .filter((text) => text !== ''),
    ),
  );
}

const HOSTS_FORM = 'host names without a port, or "*" for any';

export const hostList = v.pipe(
  textList(HOSTS_FORM),
  v.transform((hosts) => hosts.map((host) => host.toLowerCase())),
  v.everyItem((host) => host === '*' || /^[a-z0-9._-]+$/.test(host), HOSTS_FORM),
);

export const listenList = v.pipe(
  textList(LISTEN_FORM),
  v.transform((texts) => texts.map(parseListenAddress)),
  v.custom<ListenAddress[]>(
    (addresses) => Array.isArray(addresses) && addresses.length > 0 && !addresses.includes(undefined),
    LISTEN_FORM,
  ),
);

const ADMIN_FORM = '127.0.0.1:8081, [::1]:8081, :8081 (loopback) or unix:/path (up to 107 bytes)';

export const listenAddress = v.pipe(
  v.string(ADMIN_FORM),
  v.transform(parseListenAddress),
  v.custom<ListenAddress>((address) => address !== undefined, ADMIN_FORM),
);

export const fileMode = v.pipe(
  textLike(/^0?[0-7]{3}$/, 'an octal mode such as 0660'),
  v.transform((text) => Number.parseInt(text, 8)),
);

export const CREDENTIAL_SOURCES = [
  'auto',
  'environment',
  'profile',
  'sso',
  'process',
  'web_identity',
  'container',
  'instance',
] as const satisfies readonly CredentialSourceName[];

export const credentialSource = v.picklist(CREDENTIAL_SOURCES, `one of ${CREDENTIAL_SOURCES.join(', ')}`);

export const profile = textLike(
  /^[\w .@+=,:/-]{1,128}$/,
  'the name of a profile: up to 128 of letters, digits, spaces and . @ + = , : / _ -',
);

export const roleArn = textLike(
  /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/,
  'the ARN of a role such as arn:aws:iam::123456789012:role/media-reader',
);

// The patterns of STS AssumeRole (AWS STS API Reference).
export const externalId = textLike(
  /^[\w+=,.@:/-]{2,1224}$/,
  '2 to 1224 of letters, digits and + = , . @ : / _ -',
);

export const sessionName = textLike(/^[\w+=,.@-]{2,64}$/, '2 to 64 of letters, digits and + = , . @ _ -');

export const roleDurationMs = durationFrom(15 * 60_000, 12 * 3_600_000, 'a duration from 15m to 12h');

function numberFrom(least: number, most: number) {
  const form = `a number from ${least} to ${most}`;
  return v.pipe(
    textLike<`${number}`>(/^\d{1,9}$/, form),
    v.transform(Number),
    v.check((count) => count >= least && count <= most, form),
  );
}

export const attemptCount = numberFrom(1, 10);

export const requestCount = numberFrom(1, 1_000_000);

export const queueLength = numberFrom(0, 1_000_000);

export const resumeCount = numberFrom(0, 100);

const WORKERS_FORM = 'auto, or a number from 1 to 64';

export const workerCount = v.pipe(
  textLike<'auto' | `${number}`>(/^(?:auto|[1-9]\d?)$/, WORKERS_FORM),
  v.transform((text): number | 'auto' => (text === 'auto' ? 'auto' : Number(text))),
  v.check((count) => count === 'auto' || count <= 64, WORKERS_FORM),
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

export const ident = textLike(/^[\x20-\x7e]{1,64}$/, 'a name of up to 64 printable ASCII characters');

export const accessLog = v.picklist(['all', 'errors', 'off'], 'all, errors or off');

export const share = v.pipe(
  textLike<`${number}`>(/^(?:0|1|0?\.\d{1,6})$/, 'a share from 0 to 1 such as 0.1'),
  v.transform(Number),
);

export const logDestination = textLike(
  /^(?:stdout|stderr|\/.+)$/,
  'stdout, stderr, or an absolute path such as /var/log/s3-helper.log',
);

/** Templates of evs-s3helper files wrote None for "no New Relic". */
function unlessNone(pattern: RegExp, form: string) {
  return v.pipe(
    textLike(pattern, form),
    v.transform((text) => (/^none$/i.test(text) ? undefined : text)),
  );
}

export const newRelicLicense = unlessNone(/^(?:none|[!-~]{40})$/i, 'a licence key of 40 characters, or None');

export const newRelicName = unlessNone(/^[ -~]{1,255}$/, 'an application name, or None');

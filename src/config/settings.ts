import type * as v from 'valibot';
import * as statsd from './statsd-schemas.ts';
import * as schemas from './value-schemas.ts';

/** One key of the configuration. */
export interface Setting<T> {
  /** What it is, for `--help`. */
  readonly about: string;
  /** Takes what somebody wrote; its messages are the accepted form. */
  readonly schema: v.GenericSchema<unknown, T>;
  /** As one would write it; undefined where there is none. */
  readonly defaultText: string | undefined;
}

/** Keeps what the schema takes and gives, for the types of the file and of the configuration. */
interface TypedSetting<S, D> {
  readonly about: string;
  readonly schema: S;
  readonly defaultText: D;
}

function setting<S>(about: string, schema: S): TypedSetting<S, undefined>;
function setting<S>(about: string, schema: S, defaultText: string): TypedSetting<S, string>;
function setting<S>(about: string, schema: S, defaultText?: string): TypedSetting<S, string | undefined> {
  return { about, schema, defaultText };
}

/** The keys under `s3`, each of which a route may override. */
export const S3_SETTINGS = {
  bucket: setting('bucket, or the ARN of an access point', schemas.bucket),
  region: setting("the bucket's AWS region; AWS_REGION stands in", schemas.region),
  prefix: setting('put before every key', schemas.keyPrefix),
  endpoint: setting('http(s)://host[:port] of an S3-compatible server', schemas.endpoint),
  ca: setting('PEM file of authorities to trust as well', schemas.readableFile),
  client: setting('HTTP client: wire or undici', schemas.clientName, 'wire'),
  path_style: setting('bucket in the path, not in the host name', schemas.boolean, 'false'),
  dualstack: setting("AWS's IPv4 and IPv6 host names", schemas.boolean, 'false'),
  fips: setting("AWS's FIPS 140 host names", schemas.boolean, 'false'),
  learn_region: setting('ask where S3 says the bucket is', schemas.boolean, 'true'),
  signing_region: setting('region to sign for, where it is another', schemas.signingRegion),
  signing_service: setting('service to sign for, where it is not s3', schemas.signingService),
} as const;

/** The keys under `credentials`, each of which a route may override in a map of its own. */
export const CREDENTIAL_SETTINGS = {
  source: setting('where credentials come from', schemas.credentialSource, 'auto'),
  profile: setting('profile of the shared files', schemas.profile),
  role_arn: setting('role to assume on top', schemas.roleArn),
  external_id: setting('external id for that role', schemas.externalId),
  session_name: setting('session name for that role', schemas.sessionName),
  duration: setting("life of that role's credentials", schemas.roleDurationMs),
  imds_v1: setting('allow instance metadata version 1', schemas.boolean, 'false'),
} as const;

/**
 * Every key that holds a value, by its dotted name; `routes` is a list of maps and is read apart. This table is the one
 * source for reading, for environment variables and flags; tests hold the default file and the documentation to it.
 */
export const SETTINGS = {
  listen: setting('address or addresses to listen on', schemas.listenList, '127.0.0.1:8080'),
  socket_mode: setting('file mode of unix sockets', schemas.fileMode, '0660'),
  allow_remote: setting('let clients on other machines in', schemas.boolean, 'false'),
  allowed_hosts: setting('dotted Host names to accept, or *', schemas.hostList, ''),
  's3.bucket': S3_SETTINGS.bucket,
  's3.region': S3_SETTINGS.region,
  's3.prefix': S3_SETTINGS.prefix,
  's3.endpoint': S3_SETTINGS.endpoint,
  's3.ca': S3_SETTINGS.ca,
  's3.client': S3_SETTINGS.client,
  's3.path_style': S3_SETTINGS.path_style,
  's3.dualstack': S3_SETTINGS.dualstack,
  's3.fips': S3_SETTINGS.fips,
  's3.learn_region': S3_SETTINGS.learn_region,
  's3.signing_region': S3_SETTINGS.signing_region,
  's3.signing_service': S3_SETTINGS.signing_service,
  'credentials.source': CREDENTIAL_SETTINGS.source,
  'credentials.profile': CREDENTIAL_SETTINGS.profile,
  'credentials.role_arn': CREDENTIAL_SETTINGS.role_arn,
  'credentials.external_id': CREDENTIAL_SETTINGS.external_id,
  'credentials.session_name': CREDENTIAL_SETTINGS.session_name,
  'credentials.duration': CREDENTIAL_SETTINGS.duration,
  'credentials.imds_v1': CREDENTIAL_SETTINGS.imds_v1,
  workers: setting('processes that serve', schemas.workerCount, '1'),
  'timeouts.connect': setting('for TCP and TLS to S3', schemas.durationMs, '1s'),
  'timeouts.first_byte': setting("for S3's response head", schemas.durationMs, '2s'),
  'timeouts.body_stall': setting("between two pieces of S3's body", schemas.durationMs, '30s'),
  'timeouts.client_stall': setting('for a client that stopped reading', schemas.durationMs, '60s'),
  'timeouts.client_header': setting("for a client's request head", schemas.durationMs, '10s'),
  'timeouts.keep_alive': setting('for an idle client connection', schemas.durationMs, '75s'),
  'timeouts.drain': setting('for responses in flight after SIGTERM', schemas.durationMs, '30s'),
  'retries.attempts': setting('attempts before the head, in all', schemas.attemptCount, '3'),
  'retries.total': setting('no attempt is begun after that', schemas.durationMs, '10s'),
  'retries.resumes': setting('how often a broken body is taken up again', schemas.resumeCount, '5'),
  'hedge.enabled': setting('ask twice where the first head is late', schemas.boolean, 'true'),
  'hedge.delay': setting('never ask twice before that', schemas.durationMs, '500ms'),
  'limits.max_requests': setting('requests at S3 at a time', schemas.requestCount, '4096'),
  'limits.max_queued': setting('requests that wait for those', schemas.queueLength, '1024'),
  'limits.queue_time': setting('how long they wait', schemas.durationMs, '1s'),
  'limits.max_connections': setting('connections to one S3 host', schemas.requestCount, '4096'),
  'log.level': setting('lowest level that is logged', schemas.logLevel, 'info'),
  'log.ident': setting('name of this program in the log', schemas.ident, 's3-helper'),
  'log.access': setting('requests that get a line: all, errors or off', schemas.accessLog, 'all'),
  'log.sample': setting('share of good requests that get one', schemas.share, '1'),
  'log.destination': setting('stdout, stderr or the path of a file', schemas.logDestination, 'stdout'),
  'newrelic.license': setting('licence key for New Relic; None for off', schemas.newRelicLicense),
  'newrelic.name': setting("the application's name in New Relic", schemas.newRelicName),
  'admin.listen': setting('address of the status page, health checks and metrics', schemas.listenAddress),
  'statsd.address': setting('where metrics are sent by statsd', statsd.address),
  'statsd.prefix': setting('put before the name of each metric', statsd.prefix, 's3-helper'),
  'statsd.tags': setting('how labels are sent: none or datadog', statsd.tags, 'none'),
  'statsd.sample_rate': setting('share of requests whose times are sent', schemas.share, '1'),
  'statsd.flush_interval': setting('between two sendings', statsd.flushIntervalMs, '10s'),
} as const;

export type SettingName = keyof typeof SETTINGS;
export type SettingValue<N extends SettingName> = v.InferOutput<(typeof SETTINGS)[N]['schema']>;
/** What a file holds for a key. */
export type SettingText<N extends SettingName> = v.InferInput<(typeof SETTINGS)[N]['schema']>;

export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[];

/** The keys of one entry of `routes`. */
export const ROUTE_KEYS: readonly string[] = ['path', ...Object.keys(S3_SETTINGS), 'credentials'];

export function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(SETTINGS, name);
}

/** The environment variable of a key: `s3.bucket` is `S3_HELPER_S3_BUCKET`. */
export function environmentName(name: string): string {
  return `S3_HELPER_${name.replaceAll('.', '_').toUpperCase()}`;
}

/** The flag of a key: `s3.path_style` is `--s3-path-style`. */
export function flagName(name: string): string {
  return `--${name.replaceAll(/[._]/g, '-')}`;
}

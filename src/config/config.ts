import type { StatsdAddress } from './statsd-address.ts';

/** A place to listen on. A TCP host is always an IP literal. */
export type ListenAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

/** Where credentials may come from; `auto` is AWS's own order. */
export type CredentialSourceName =
  'auto' | 'environment' | 'profile' | 'sso' | 'process' | 'web_identity' | 'container' | 'instance';

/** Whose credentials sign. */
export interface CredentialSettings {
  readonly source: CredentialSourceName;
  /** Of the shared configuration files; undefined takes AWS_PROFILE or `default`. */
  readonly profile: string | undefined;
  /** Assumed with the source's credentials, where given. */
  readonly roleArn: string | undefined;
  readonly externalId: string | undefined;
  readonly sessionName: string | undefined;
  /** Life of the assumed role's credentials. */
  readonly durationMs: number | undefined;
  /** Allow instance metadata version 1, which any process that can be made to send a GET can read. */
  readonly imdsV1: boolean;
}

/** Where one route's objects live and how S3 is asked for them. */
export interface S3Location {
  /** Bucket name, or the ARN of an access point. */
  readonly bucket: string;
  /** AWS region of the bucket. */
  readonly region: string;
  /** Put before every key, joined by one slash; empty for none. No slash at either end. */
  readonly prefix: string;
  /** `http(s)://host[:port]` of an S3-compatible server, or undefined for AWS. */
  readonly endpoint: string | undefined;
  /** File of PEM certificates to trust beside the usual ones; undefined for none. */
  readonly ca: string | undefined;
  /** Which of the two HTTP clients asks. */
  readonly client: 'wire' | 'undici';
  /** Bucket in the path rather than in the host name. Dotted buckets and IP endpoints force it. */
  readonly pathStyle: boolean;
  readonly dualstack: boolean;
  readonly fips: boolean;
  /** Region in the credential scope, where it differs from `region`. */
  readonly signingRegion: string | undefined;
  /** Ask in another region when S3 says that the bucket is there. */
  readonly learnRegion: boolean;
  /** Service in the credential scope; undefined takes what the endpoint asks for (`s3`). */
  readonly signingService: string | undefined;
}

/** Requests whose path begins with `path` (always `/…/`) go to `s3`, without that prefix. */
export interface Route {
  readonly path: string;
  readonly s3: S3Location;
  /** Whose credentials sign for this route; undefined for the daemon's. */
  readonly credentials: CredentialSettings | undefined;
}

/** All times are idle times between two events, never totals, but for `drainMs`. */
export interface Timeouts {
  /** TCP and TLS handshake with S3. */
  readonly connectMs: number;
  /** From the request sent to S3's response head. */
  readonly firstByteMs: number;
  /** Between two pieces of S3's body. */
  readonly bodyStallMs: number;
  /** For a client to read on when it has stopped. */
  readonly clientStallMs: number;
  /** For a client to send a whole request head. */
  readonly clientHeaderMs: number;
  /** How long an idle client connection stays open. */
  readonly keepAliveMs: number;
  /** For responses in flight to end after SIGTERM. */
  readonly drainMs: number;
}

/** What is done about S3's bad moments. */
export interface Retries {
  /** Attempts before the head, in all. */
  readonly attempts: number;
  /** From a request's arrival, after which no attempt is begun. */
  readonly totalMs: number;
  /** How often one broken body is taken up again. */
  readonly resumes: number;
}

/** How much may be under way at a time. */
export interface Limits {
  /** Requests at S3. */
  readonly maxRequests: number;
  /** Requests that wait for one of those to end. */
  readonly maxQueued: number;
  readonly queueTimeMs: number;
  /** Connections to one S3 host. */
  readonly maxConnections: number;
}

/** A second request where the first one's head is late. */
export interface Hedge {
  readonly enabled: boolean;
  /** Never before that. */
  readonly delayMs: number;
}

/** What is written down, and where. */
export interface Log {
  readonly level: LogLevel;
  /** Name of this program in each line. */
  readonly ident: string;
  /** Which requests get a line; `errors` are those that end with a failure, or with 400 and above. */
  readonly access: 'all' | 'errors' | 'off';
  /** Share of the good requests, from 0 to 1, that get a line where `access` is `all`. */
  readonly sample: number;
  /** `stdout`, `stderr` or the path of a file. */
  readonly destination: string;
}

export interface NewRelicSettings {
  /** A secret. */
  readonly license: string;
  /** Of the application; several with commas. */
  readonly name: string;
}

/** Metrics by the statsd protocol. */
export interface StatsdSettings {
  /** Undefined sends none. */
  readonly address: StatsdAddress | undefined;
  /** Put before the name of each metric, with a dot between. */
  readonly prefix: string;
  /** `none` puts the labels into the names, `datadog` behind them. */
  readonly tags: 'none' | 'datadog';
  /** Share of the requests, from 0 to 1, whose times are sent; counts are never sampled. */
  readonly sampleRate: number;
  readonly flushIntervalMs: number;
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

/** The whole configuration, resolved and frozen: every default filled in, every unit in its name. */
export interface Config {
  readonly listen: readonly ListenAddress[];
  /** File mode of unix sockets. */
  readonly socketMode: number;
  /** Accept clients that are not on this machine. */
  readonly allowRemote: boolean;
  /** Lower-case host names accepted beside IP literals, `localhost` and single labels; `*` is any. */
  readonly allowedHosts: readonly string[];
  /** Longest path first; the last may be `/`. */
  readonly routes: readonly Route[];
  /** Of every route that names none of its own. */
  readonly credentials: CredentialSettings;
  /** Processes that serve; `auto` is one for each CPU. */
  readonly workers: number | 'auto';
  readonly timeouts: Timeouts;
  readonly retries: Retries;
  readonly hedge: Hedge;
  readonly limits: Limits;
  readonly log: Log;
  /** What the agent of New Relic needs; undefined for no New Relic. */
  readonly newRelic: NewRelicSettings | undefined;
  readonly statsd: StatsdSettings;
  /** Health checks, metrics and the status page; undefined for none of these. */
  readonly admin: { readonly listen: ListenAddress | undefined };
  /** Sentences for the operator, logged at start: what was assumed, what has no effect. */
  readonly warnings: readonly string[];
}

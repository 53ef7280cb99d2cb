import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { Route, S3Location } from '../config/config.ts';
import { isLoopbackAddress } from '../config/loopback-address.ts';
import type { CredentialSource } from '../credentials/credential-source.ts';
import { canonicalizePath } from '../request/object-path.ts';
import type { RouteEntry } from '../request/route.ts';
import type { AttemptClient, ConnectionCounts } from '../s3/attempt.ts';
import { type Endpoint, resolveEndpoint } from '../s3/resolve-endpoint.ts';
import { createRouteSigners, type RouteSigners } from '../s3/sign/route-signers.ts';
import { createResilience, type Resilience } from '../s3/resilience.ts';
import type { SigningClock } from '../s3/signing-clock.ts';
import type { Location, Upstream } from '../s3/upstream.ts';
import type { Logger } from '../telemetry/create-logger.ts';
import type { DaemonParts } from './create-daemon.ts';

export interface Routes {
  /** Longest path first. */
  readonly entries: readonly RouteEntry<Upstream>[];
  /** To all S3 hosts. */
  countConnections(): ConnectionCounts;
  close(): Promise<void>;
}

interface SharedParts {
  readonly clientFor: (endpoint: Endpoint, s3: S3Location) => AttemptClient;
  readonly signers: RouteSigners;
  readonly resilience: Resilience;
}

/** Makes every configured route ready to be asked; routes to the same host share its connections. */
export function createRoutes(parts: DaemonParts): Routes {
  const clients = new Map<string, AttemptClient>();
  const clientFor = (endpoint: Endpoint, s3: S3Location): AttemptClient => {
    const key = JSON.stringify([endpoint.protocol, endpoint.host, s3.client, s3.ca]);
    const client = clients.get(key) ?? openClient(endpoint, s3, parts);
    clients.set(key, client);
    return client;
  };
  const signers = createRouteSigners((mismatch) => {
    parts.logger.error(mismatch, 'the fast signer is wrong; the reference signs from now on');
    parts.observer?.noteSignerMismatch();
  });
  const { retries, hedge, timeouts } = parts.config;
  const resilience = createResilience({
    ...retries,
    firstByteTimeoutMs: timeouts.firstByteMs,
    hedgeDelayMs: hedge.enabled ? hedge.delayMs : undefined,
  });
  const shared = { clientFor, signers, resilience };
  const closeClients = () => Promise.all([...clients.values()].map((client) => client.close()));
  const entries = orElse(
    () => parts.config.routes.map((route) => createEntry(route, parts, shared)),
    () => void closeClients(),
  );
  // At the start and at each change, so that the first request with new keys finds them checked.
  const sources = [...new Set(entries.map(({ upstream }) => upstream.credentials))];
  const stopChecks = sources.map((source) =>
    source.onNew?.((credentials) => void signers.check(credentials)),
  );
  return {
    entries,
    countConnections: () => addConnections([...clients.values()].map((client) => client.countConnections())),
    close: async () => {
      // The credentials may outlive these routes.
      for (const stop of stopChecks) stop?.();
      await closeClients();
    },
  };
}

function orElse<T>(act: () => T, undo: () => void): T {
  try {
    return act();
  } catch (error) {
    undo();
    throw error;
  }
}

export function addConnections(counts: readonly ConnectionCounts[]): ConnectionCounts {
  const sum = { open: 0, busy: 0, waiting: 0 };
  for (const { open, busy, waiting } of counts) {
    sum.open += open;
    sum.busy += busy;
    sum.waiting += waiting;
  }
  return sum;
}

function createEntry(route: Route, parts: DaemonParts, shared: SharedParts): RouteEntry<Upstream> {
  const { path, s3 } = route;
  const prefix = s3.prefix === '' ? '' : `${s3.prefix}/`;
  const encodedPrefix = canonicalizePath(`/${encodeURI(prefix)}`).encoded.slice(1);
  return {
    path,
    bucket: s3.bucket,
    // The same in every region.
    wirePrefix: resolveEndpoint(s3).basePath + encodedPrefix,
    keyPrefixBytes: Buffer.byteLength(prefix),
    upstream: new RouteUpstream(route, parts, shared),
  };
}

class RouteUpstream implements Upstream {
  readonly credentials: CredentialSource;
  readonly clock: SigningClock;
  readonly isClockTrusted: boolean;
  readonly resilience: Resilience;
  readonly #s3: S3Location;
  readonly #shared: SharedParts;
  readonly #logger: Logger;
  #location: Location;

  constructor(route: Route, { credentials, clock, logger }: DaemonParts, shared: SharedParts) {
    const { protocol, hostname } = resolveEndpoint(route.s3);
    this.credentials = credentials.forRoute(route);
    this.clock = clock;
    this.isClockTrusted = protocol === 'https:' || isOnThisMachine(hostname);
    this.resilience = shared.resilience;
    this.#s3 = route.s3;
    this.#shared = shared;
    this.#logger = logger;
    this.#location = this.#locate(route.s3);
  }

  get location(): Location {
    return this.#location;
  }

  moveTo(region: string): boolean {
    const { bucket, learnRegion } = this.#s3;
    if (region === this.#location.region) return false;
    const fields = { bucket, configured_region: this.#s3.region, bucket_region: region };
    if (!learnRegion) {
      this.#logger.error(
        fields,
        'the bucket is in another region; correct s3.region, or let s3.learn_region be true',
      );
      return false;
    }
    // A signing region that was named belongs to the place that turned out to be the wrong one.
    this.#location = this.#locate({ ...this.#s3, region, signingRegion: undefined });
    this.#logger.error(
      fields,
      'the bucket is in another region, where it is asked from now on; correct s3.region',
    );
    return true;
  }

  #locate(s3: S3Location): Location {
    const endpoint = resolveEndpoint(s3);
    return {
      region: endpoint.signingRegion,
      client: this.#shared.clientFor(endpoint, s3),
      sign: this.#shared.signers.forScope({
        host: endpoint.host,
        region: endpoint.signingRegion,
        service: endpoint.signingService,
      }),
    };
  }
}

function isOnThisMachine(hostname: string): boolean {
  return hostname === 'localhost' || (isIP(hostname) !== 0 && isLoopbackAddress(hostname));
}

function openClient(
  endpoint: Endpoint,
  s3: S3Location,
  { config, createClient, lookup, ca }: DaemonParts,
): AttemptClient {
  const { connectMs, firstByteMs, bodyStallMs } = config.timeouts;
  return createClient(s3.client, endpoint, {
    connectTimeoutMs: connectMs,
    firstByteTimeoutMs: firstByteMs,
    bodyStallTimeoutMs: bodyStallMs,
    maxConnections: config.limits.maxConnections,
    lookup,
    ca: s3.ca === undefined ? ca : readFileSync(s3.ca, 'utf8'),
  });
}

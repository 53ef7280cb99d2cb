import { isIP } from 'node:net';
import type { Route } from '../config/config.ts';
import { isLoopbackAddress } from '../config/loopback-address.ts';
import { canonicalizePath } from '../request/object-path.ts';
import type { RouteEntry } from '../request/route.ts';
import type { AttemptClient } from '../s3/attempt.ts';
import { type Endpoint, resolveEndpoint } from '../s3/resolve-endpoint.ts';
import { createRouteSigners, type RouteSigners } from '../s3/sign/route-signers.ts';
import { createUndiciClient } from '../s3/undici-client.ts';
import type { Upstream } from '../s3/upstream.ts';
import type { DaemonParts } from './create-daemon.ts';

export interface Routes {
  /** Longest path first. */
  readonly entries: readonly RouteEntry<Upstream>[];
  close(): Promise<void>;
}

interface SharedParts {
  readonly clientFor: (endpoint: Endpoint) => AttemptClient;
  readonly signers: RouteSigners;
}

/** Makes every configured route ready to be asked; routes to the same host share its connections. */
export function createRoutes(parts: DaemonParts): Routes {
  const clients = new Map<string, AttemptClient>();
  const clientFor = (endpoint: Endpoint): AttemptClient => {
    const origin = `${endpoint.protocol}//${endpoint.host}`;
    const client = clients.get(origin) ?? createClient(endpoint, parts);
    clients.set(origin, client);
    return client;
  };
  const signers = createRouteSigners((mismatch) =>
    parts.logger.error(mismatch, 'the fast signer is wrong; the reference signs from now on'),
  );
  const entries = parts.config.routes.map((route) => createEntry(route, parts, { clientFor, signers }));
  return {
    entries,
    close: async () => {
      await Promise.all([...clients.values()].map((client) => client.close()));
    },
  };
}

function createEntry(
  route: Route,
  { credentials, clock }: DaemonParts,
  { clientFor, signers }: SharedParts,
): RouteEntry<Upstream> {
  const { path, s3 } = route;
  const endpoint = resolveEndpoint(s3);
  const prefix = s3.prefix === '' ? '' : `${s3.prefix}/`;
  const encodedPrefix = canonicalizePath(`/${encodeURI(prefix)}`).encoded.slice(1);
  return {
    path,
    bucket: s3.bucket,
    wirePrefix: endpoint.basePath + encodedPrefix,
    keyPrefixBytes: Buffer.byteLength(prefix),
    upstream: {
      client: clientFor(endpoint),
      clock,
      isClockTrusted: endpoint.protocol === 'https:' || isOnThisMachine(endpoint.hostname),
      sign: signers.forScope({
        host: endpoint.host,
        region: endpoint.signingRegion,
        service: endpoint.signingService,
      }),
      credentials: credentials.forRoute(route),
    },
  };
}

function isOnThisMachine(hostname: string): boolean {
  return hostname === 'localhost' || (isIP(hostname) !== 0 && isLoopbackAddress(hostname));
}

function createClient(endpoint: Endpoint, { config, lookup, ca }: DaemonParts): AttemptClient {
  const { connectMs, firstByteMs, bodyStallMs } = config.timeouts;
  return createUndiciClient(endpoint, {
    connectTimeoutMs: connectMs,
    firstByteTimeoutMs: firstByteMs,
    bodyStallTimeoutMs: bodyStallMs,
    lookup,
    ca,
  });
}

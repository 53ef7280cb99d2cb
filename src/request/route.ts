import { ProxyFailure } from '../failures.ts';
import type { AdmittedRequest } from './admit.ts';

declare const ROUTED: unique symbol;

/** S3's limit for a key (AWS, "Naming Amazon S3 objects"). */
const LONGEST_KEY_BYTES = 1024;

/** A route, made ready once at start. `Upstream` is whatever knows how to ask S3 for this route. */
export interface RouteEntry<Upstream> {
  /** The client's prefix, `/…/`; it is taken off. */
  readonly path: string;
  readonly bucket: string;
  /** What stands before the key on the wire: `/`, `/bucket/` or `/bucket/prefix/`, encoded. */
  readonly wirePrefix: string;
  /** Bytes of the configured key prefix, with its slash. */
  readonly keyPrefixBytes: number;
  readonly upstream: Upstream;
}

/** One object in one bucket, and how the client wants it: only `route` makes one. */
export interface ObjectTarget<Upstream> {
  readonly entry: RouteEntry<Upstream>;
  readonly method: 'GET' | 'HEAD';
  /** The key as the client sent it, canonically encoded, without the route's path. */
  readonly encodedKey: string;
  /** Path on the wire and in the signature. */
  readonly wirePath: string;
  /** Query on the wire and in the signature; empty for none. */
  readonly wireQuery: string;
  readonly hasPartNumber: boolean;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
  readonly conditions: readonly string[];
  readonly [ROUTED]: true;
}

/**
 * Finds the bucket and the key that a request means.
 * @param entries - longest path first.
 * @throws {ProxyFailure} `no_route`, `no_key` (so that no path is ever a listing) or `key_too_long`.
 */
export function route<Upstream>(
  request: AdmittedRequest,
  entries: readonly RouteEntry<Upstream>[],
): ObjectTarget<Upstream> {
  const path = request.path.encoded;
  const entry = entries.find((candidate) => path.startsWith(candidate.path));
  if (entry === undefined) throw new ProxyFailure('no_route');
  // A route's path holds unreserved characters only, so encoded and decoded lengths are the same.
  const encodedKey = path.slice(entry.path.length);
  if (encodedKey === '') throw new ProxyFailure('no_key');
  const keyBytes = request.path.byteLength - entry.path.length + entry.keyPrefixBytes;
  if (keyBytes > LONGEST_KEY_BYTES) throw new ProxyFailure('key_too_long');
  return {
    entry,
    method: request.method,
    encodedKey,
    wirePath: entry.wirePrefix + encodedKey,
    wireQuery: request.query.encoded,
    hasPartNumber: request.query.hasPartNumber,
    range: request.headers.range,
    ifRange: request.headers.range === undefined ? undefined : request.headers.ifRange,
    conditions: request.headers.conditions,
  } as ObjectTarget<Upstream>;
}

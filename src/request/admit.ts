import type { IncomingMessage } from 'node:http';
import { ProxyFailure } from '../failures.ts';
import { type ClientHeaders, pickHeaders } from './forwarded-headers.ts';
import { type ObjectPath, canonicalizePath } from './object-path.ts';
import { type ObjectQuery, pickQuery } from './object-query.ts';

declare const ADMITTED: unique symbol;

/** A request that may be served: only `admit` makes one. */
export interface AdmittedRequest {
  readonly method: 'GET' | 'HEAD';
  readonly path: ObjectPath;
  readonly query: ObjectQuery;
  readonly headers: ClientHeaders;
  readonly [ADMITTED]: true;
}

export interface AdmissionRules {
  /** Whether the peer of this connection may ask at all. */
  readonly isPeerAllowed: (request: IncomingMessage) => boolean;
  readonly isHostAllowed: (host: string | undefined) => boolean;
}

/**
 * Turns an HTTP request into what it asks for, or refuses it. Who asks is checked before what is asked.
 * @throws {ProxyFailure} of status 400, 403, 405 or 421.
 */
export function admit(request: IncomingMessage, rules: AdmissionRules): AdmittedRequest {
  if (!rules.isPeerAllowed(request)) throw new ProxyFailure('peer_not_loopback');
  const headers = pickHeaders(request.rawHeaders);
  if (!rules.isHostAllowed(headers.host)) throw new ProxyFailure('host_not_allowed');
  checkVersion(request.httpVersion, headers.host);
  const method = request.method;
  if (method !== 'GET' && method !== 'HEAD') throw new ProxyFailure('method_not_allowed');
  if (headers.hasBody) throw new ProxyFailure('body_not_allowed');

  const target = request.url ?? '';
  const queryAt = target.indexOf('?');
  const path = canonicalizePath(queryAt === -1 ? target : target.slice(0, queryAt));
  const query = pickQuery(queryAt === -1 ? undefined : target.slice(queryAt + 1));
  return { method, path, query, headers } as AdmittedRequest;
}

/** Node's parser also takes HTTP/2.0, and a request without a version for HTTP/0.9. Only HTTP/1.0 may do without a Host (RFC 9112 §3.2). */
function checkVersion(version: string, host: string | undefined): void {
  if (version !== '1.1' && version !== '1.0') throw new ProxyFailure('malformed_request');
  if (version === '1.1' && host === undefined) throw new ProxyFailure('missing_host');
}

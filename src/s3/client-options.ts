import type { LookupFunction } from 'node:net';

/** What every client of S3 takes. */
export interface ClientOptions {
  /** TCP and TLS together, to one address after another. */
  readonly connectTimeoutMs: number;
  /** From the request to the end of the response's head. */
  readonly firstByteTimeoutMs: number;
  /** Between two pieces of the body, while its reader wants them. */
  readonly bodyStallTimeoutMs: number;
  /** Requests over it wait until one of them is free. */
  readonly maxConnections?: number | undefined;
  /** Resolves host names in place of the system; for tests with real AWS names. */
  readonly lookup?: LookupFunction | undefined;
  /** PEM of further certificate authorities. */
  readonly ca?: string | undefined;
}

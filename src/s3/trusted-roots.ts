import { getCACertificates } from 'node:tls';

/**
 * What a TLS client trusts with further authorities: a `ca` option alone would replace Node's own roots and
 * NODE_EXTRA_CA_CERTS.
 * @param ca - PEM of the further ones
 */
export function trustedRoots(ca: string): string[] {
  return [...getCACertificates('default'), ca];
}

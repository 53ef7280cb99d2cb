import { X509Certificate } from 'node:crypto';
import { getCACertificates } from 'node:tls';

/**
 * What a TLS client trusts with further authorities: a `ca` option alone would replace Node's own roots and
 * NODE_EXTRA_CA_CERTS.
 * @param ca - PEM of the further ones
 * @throws {Error} where it holds no certificate, which TLS itself would pass over
 */
export function trustedRoots(ca: string): string[] {
  new X509Certificate(ca);
  return [...getCACertificates('default'), ca];
}

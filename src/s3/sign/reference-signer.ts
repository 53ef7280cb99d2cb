import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import {
  type Credentials,
  EMPTY_PAYLOAD_SHA256,
  type SigningScope,
  type UnsignedRequest,
} from './request-signer.ts';

/** A `RequestSigner` that always answers later. */
export type ReferenceSigner = (
  request: UnsignedRequest,
  credentials: Credentials,
  nowMs: number,
) => Promise<string[]>;

/** Signs with AWS's own implementation, hash function included: slow, and the measure of the fast signer. */
export function createReferenceSigner(scope: SigningScope): ReferenceSigner {
  let held: { readonly credentials: Credentials; readonly signer: SignatureV4 } | undefined;
  return async ({ method, path, query }, credentials, nowMs) => {
    if (held?.credentials !== credentials)
      held = { credentials, signer: createSignatureV4(scope, credentials) };
    const signed = await held.signer.sign(
      {
        method,
        protocol: 'https:',
        hostname: scope.host,
        path,
        query: parseCanonicalQuery(query),
        headers: { host: scope.host, 'x-amz-content-sha256': EMPTY_PAYLOAD_SHA256 },
      },
      { signingDate: new Date(nowMs) },
    );
    return Object.entries(signed.headers).flat();
  };
}

/** AWS's signer with S3's rule: the path is encoded once and never normalised. */
export function createSignatureV4(
  { region, service }: Pick<SigningScope, 'region' | 'service'>,
  { accessKeyId, secretAccessKey, sessionToken }: Credentials,
): SignatureV4 {
  return new SignatureV4({
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
    region,
    service,
    sha256: Sha256,
    uriEscapePath: false,
    applyChecksum: false,
  });
}

/** The signer takes names and values apart and decoded; the inverse of its own encoding, as ours is canonical. */
function parseCanonicalQuery(query: string): Record<string, string> {
  const values: Record<string, string> = {};
  if (query === '') return values;
  for (const pair of query.split('&')) {
    const equals = pair.indexOf('=');
    values[pair.slice(0, equals)] = decodeURIComponent(pair.slice(equals + 1));
  }
  return values;
}

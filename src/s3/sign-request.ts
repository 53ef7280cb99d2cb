import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';

/** Keys as AWS issues them. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** What stays the same for all requests of a route. */
export interface SigningScope {
  /** Sent and signed. */
  readonly host: string;
  readonly region: string;
  readonly service: string;
}

export interface UnsignedRequest {
  readonly method: 'GET' | 'HEAD';
  /** Canonically encoded. */
  readonly path: string;
  /** Canonically encoded and sorted; empty for none. */
  readonly query: string;
}

/** SHA-256 of nothing: S3 wants the payload's hash in a header of every request, and these have no payload. */
const EMPTY_PAYLOAD_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** Signs for one scope; `credentials` and the clock come with each request, as both change. */
export type RequestSigner = (
  request: UnsignedRequest,
  credentials: Credentials,
  now: Date,
) => Promise<string[]>;

/**
 * The reference signer (AWS Signature Version 4 in headers, `host` and `x-amz-*` signed only).
 * It answers with flat headers to send, Host included. S3's rule: the path is encoded once and never normalised.
 */
export function createReferenceSigner(scope: SigningScope): RequestSigner {
  let held: { readonly credentials: Credentials; readonly signer: SignatureV4 } | undefined;
  return async ({ method, path, query }, credentials, now) => {
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
      { signingDate: now },
    );
    return Object.entries(signed.headers).flat();
  };
}

function createSignatureV4(scope: SigningScope, credentials: Credentials): SignatureV4 {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  return new SignatureV4({
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
    region: scope.region,
    service: scope.service,
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

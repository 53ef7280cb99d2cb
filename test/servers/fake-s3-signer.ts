import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import type { S3Credential } from '../../src/demo/verify-signature.ts';

/** A request to sign. */
export interface RequestToSign {
  /** GET unless given. */
  readonly method?: string;
  /** Path already in canonical form; no query. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly host: string;
  readonly region: string;
  readonly credential: S3Credential;
  /** The client's clock; now unless given. */
  readonly nowMs?: number;
  /** Further headers, signed like the rest. */
  readonly headers?: Readonly<Record<string, string>>;
}

const EMPTY_BODY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** Signs a request with AWS's signer. @returns all headers to send, by lower-case name. */
export async function signForS3(request: RequestToSign): Promise<Record<string, string>> {
  const { accessKeyId, secretAccessKey, sessionToken } = request.credential;
  const signer = new SignatureV4({
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
    region: request.region,
    service: 's3',
    sha256: Sha256,
    uriEscapePath: false,
    applyChecksum: false,
  });
  const signed = await signer.sign(
    {
      method: request.method ?? 'GET',
      protocol: 'http:',
      hostname: request.host,
      path: request.path,
      query: { ...request.query },
      headers: { host: request.host, 'x-amz-content-sha256': EMPTY_BODY_SHA256, ...request.headers },
    },
    { signingDate: new Date(request.nowMs ?? Date.now()) },
  );
  return signed.headers;
}

import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import type { AuthorizationHeader } from './authorization-header.ts';
import type { RequestTarget } from './request-target.ts';

/** What is signed of a request, and with what. */
export interface SignatureInput {
  readonly method: string;
  readonly target: RequestTarget;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly secretAccessKey: string;
  /** The instant of `x-amz-date`. */
  readonly timeMs: number;
}

/** The right signature, and the two texts that lead to it. */
export interface RecomputedSignature {
  readonly signature: string;
  readonly canonicalRequest: string;
  readonly stringToSign: string;
}

/**
 * Signs a received request again with AWS's own signer, over the headers that its `SignedHeaders` names; one that
 * was not sent counts as empty.
 */
export async function recomputeSignature(
  input: SignatureInput,
  authorization: AuthorizationHeader,
): Promise<RecomputedSignature> {
  const { accessKeyId, region, service, signedHeaders } = authorization;
  const signer = new RecordingSigner({
    // A token is among the headers already; the signer would add the one it knows, and so hide a wrong one.
    credentials: { accessKeyId, secretAccessKey: input.secretAccessKey },
    region,
    service,
    sha256: Sha256,
    uriEscapePath: false,
    applyChecksum: false,
  });
  const signable = {
    method: input.method,
    protocol: 'http:',
    hostname: '',
    path: input.target.canonicalPath,
    query: { ...input.target.query },
    headers: Object.fromEntries(signedHeaders.map((name) => [name, input.headers[name] ?? ''])),
  };
  const signed = await signer.sign(signable, {
    signingDate: new Date(input.timeMs),
    signableHeaders: new Set(signedHeaders),
  });
  return {
    signature: /Signature=(.*)$/.exec(signed.headers.authorization ?? '')?.[1] ?? '',
    canonicalRequest: signer.canonicalRequest,
    stringToSign: signer.stringToSign,
  };
}

/** Keeps what is hashed. */
class RecordingSigner extends SignatureV4 {
  canonicalRequest = '';
  stringToSign = '';

  protected override createCanonicalRequest(
    ...parts: Parameters<SignatureV4['createCanonicalRequest']>
  ): string {
    this.canonicalRequest = super.createCanonicalRequest(...parts);
    return this.canonicalRequest;
  }

  protected override async createStringToSign(
    ...parts: Parameters<SignatureV4['createStringToSign']>
  ): Promise<string> {
    this.stringToSign = await super.createStringToSign(...parts);
    return this.stringToSign;
  }
}

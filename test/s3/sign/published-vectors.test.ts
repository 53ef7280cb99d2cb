import { describe, expect, it } from 'vitest';
import { createFastSigner } from '../../../src/s3/sign/fast-signer.ts';
import { createReferenceSigner, createSignatureV4 } from '../../../src/s3/sign/reference-signer.ts';
import { EMPTY_PAYLOAD_SHA256, type RequestSigner } from '../../../src/s3/sign/request-signer.ts';
import { signWithAwsCrt } from './aws-crt-signer.ts';

// AWS, "Authenticating requests: using the Authorization header", examples of signature calculations.
const SCOPE = { host: 'examplebucket.s3.amazonaws.com', region: 'us-east-1', service: 's3' };
const CREDENTIALS = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const NOW_MS = Date.UTC(2013, 4, 24);

const VECTORS = [
  {
    name: 'GET bucket lifecycle',
    query: 'lifecycle=',
    signature: 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  },
  {
    name: 'GET bucket (list objects)',
    query: 'max-keys=2&prefix=J',
    signature: '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  },
];

const SIGNERS: readonly (readonly [name: string, signer: RequestSigner])[] = [
  ['the fast signer', createFastSigner(SCOPE)],
  ['the reference signer', createReferenceSigner(SCOPE)],
  ['aws-crt', (request, credentials, nowMs) => signWithAwsCrt(SCOPE, request, { credentials, nowMs })],
];

describe.each(SIGNERS)("AWS's published S3 examples, signed by %s", (_, sign) => {
  it.each(VECTORS)('$name', async ({ query, signature }) => {
    const headers = await sign({ method: 'GET', path: '/', query }, CREDENTIALS, NOW_MS);
    expect(headers[headers.indexOf('authorization') + 1]).toBe(
      'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, ' +
        `SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=${signature}`,
    );
  });
});

it("AWS's GET object example, whose signed Range our signers leave out, holds for the reference's own SignatureV4", async () => {
  const signed = await createSignatureV4(SCOPE, CREDENTIALS).sign(
    {
      method: 'GET',
      protocol: 'https:',
      hostname: SCOPE.host,
      path: '/test.txt',
      headers: {
        host: SCOPE.host,
        range: 'bytes=0-9',
        'x-amz-content-sha256': EMPTY_PAYLOAD_SHA256,
      },
    },
    { signingDate: new Date(NOW_MS) },
  );
  expect(signed.headers['authorization']).toBe(
    'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, ' +
      'SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, ' +
      'Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  );
});

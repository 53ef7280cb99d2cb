import { auth, http } from 'aws-crt';
import { describe, expect, test } from 'vitest';
import { type S3Credential, type Verdict, verifySignature } from '../../src/demo/verify-signature.ts';
import { type RequestToSign, signForS3 } from '../servers/fake-s3-signer.ts';

const NOW_MS = Date.UTC(2026, 2, 4, 5, 6, 7);
const CREDENTIAL = {
  accessKeyId: 'ASIAEXAMPLE',
  secretAccessKey: 'secret/+=',
  sessionToken: 'token/+=='.repeat(60),
};
const REQUEST = {
  path: '/bucket/key',
  host: '127.0.0.1:9000',
  region: 'eu-west-1',
  credential: CREDENTIAL,
  nowMs: NOW_MS,
};

interface Changes {
  readonly target?: string;
  readonly credentials?: readonly S3Credential[];
  readonly region?: string;
  readonly nowMs?: number;
  /** Applied after signing; undefined removes. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

async function verify(signing: Partial<RequestToSign> = {}, changes: Changes = {}): Promise<Verdict> {
  const request = { ...REQUEST, ...signing };
  const headers = { ...(await signForS3(request)), ...changes.headers };
  const rawHeaders = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [name, value],
  );
  return verifySignature(
    { method: 'GET', target: changes.target ?? request.path, rawHeaders },
    { credentials: [CREDENTIAL], region: 'eu-west-1', nowMs: NOW_MS, ...changes },
  );
}

async function errorOf(...parameters: Parameters<typeof verify>) {
  const verdict = await verify(...parameters);
  if (verdict.ok) throw new Error('The signature was accepted.');
  return verdict.error;
}

// AWS, "Signature Calculations for the Authorization Header", examples 1, 3 and 4.
const AWS_EXAMPLE = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

test.each([
  [
    '/test.txt',
    'host;range;x-amz-content-sha256;x-amz-date',
    'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  ],
  [
    '/?lifecycle',
    'host;x-amz-content-sha256;x-amz-date',
    'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  ],
  [
    '/?max-keys=2&prefix=J',
    'host;x-amz-content-sha256;x-amz-date',
    '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  ],
])("accepts AWS's published example %s", async (target, signedHeaders, signature) => {
  const authorization = `AWS4-HMAC-SHA256 Credential=${AWS_EXAMPLE.accessKeyId}/20130524/us-east-1/s3/aws4_request,SignedHeaders=${signedHeaders},Signature=${signature}`;
  const rawHeaders = [
    'Host',
    'examplebucket.s3.amazonaws.com',
    'Range',
    'bytes=0-9',
    'x-amz-content-sha256',
    EMPTY,
    'x-amz-date',
    '20130524T000000Z',
    'Authorization',
    authorization,
  ];
  const rules = { credentials: [AWS_EXAMPLE], region: 'us-east-1', nowMs: Date.UTC(2013, 4, 24, 0, 5) };
  expect(await verifySignature({ method: 'GET', target, rawHeaders }, rules)).toEqual({
    ok: true,
    credential: AWS_EXAMPLE,
  });
});

test.each([
  ['/bucket/key', '/bucket/key'],
  ['/bucket//a//', '/bucket//a//'],
  ['/bucket/../a/./b', '/bucket/../a/./b'],
  ['/bucket/a%20b', '/bucket/a%20b'],
  ['/bucket/a%20b', '/bucket/a+b'],
  ['/bucket/a%2Bb', '/bucket/a%2bb'],
  ['/bucket/a/b', '/bucket/a%2Fb'],
  ['/bucket/~%21%27%28%29%2A', "/bucket/%7E!'()*"],
  ['/bucket/%F0%9F%8E%AC', '/bucket/%f0%9f%8e%ac'],
  ['/bucket/%F0%9F%8E%AC', '/bucket/\u00f0\u009f\u008e\u00ac'],
  ['/bucket/%FF', '/bucket/%FF'],
])('accepts what aws-crt signs as %s and sends as %s', async (path, target) => {
  const request = new http.HttpRequest('GET', path, new http.HttpHeaders([['host', REQUEST.host]]));
  const { accessKeyId, secretAccessKey, sessionToken } = CREDENTIAL;
  const signed = await auth.aws_sign_request(request, {
    algorithm: auth.AwsSigningAlgorithm.SigV4,
    signature_type: auth.AwsSignatureType.HttpRequestViaHeaders,
    provider: auth.AwsCredentialsProvider.newStatic(accessKeyId, secretAccessKey, sessionToken),
    region: 'eu-west-1',
    service: 's3',
    date: new Date(NOW_MS),
    use_double_uri_encode: false,
    should_normalize_uri_path: false,
    signed_body_header: auth.AwsSignedBodyHeaderType.XAmzContentSha256,
  });
  const rawHeaders = [...signed.headers].flat();
  const rules = { credentials: [CREDENTIAL], region: 'eu-west-1', nowMs: NOW_MS };
  expect(await verifySignature({ method: 'GET', target, rawHeaders }, rules)).toMatchObject({ ok: true });
});

describe('refuses', () => {
  test('another path, and shows the canonical request as S3 does', async () => {
    const error = await errorOf({}, { target: '/bucket/other' });
    expect(error).toMatchObject({ status: 403, code: 'SignatureDoesNotMatch' });
    expect(error.details?.CanonicalRequest).toContain(`GET\n/bucket/other\n\nhost:127.0.0.1:9000\n`);
    expect(error.details?.CanonicalRequest).toContain(CREDENTIAL.sessionToken);
    expect(error.details?.StringToSign).toMatch(
      /^AWS4-HMAC-SHA256\n20260304T050607Z\n20260304\/eu-west-1\/s3\/aws4_request\n[0-9a-f]{64}$/,
    );
  });

  test('a path that was signed in the form in which it was sent, and not in the canonical one', async () => {
    expect(await errorOf({ path: '/bucket/a+b' })).toMatchObject({ code: 'SignatureDoesNotMatch' });
    expect(await errorOf({ path: '/bucket/%7e' })).toMatchObject({ code: 'SignatureDoesNotMatch' });
  });

  test('a wrong secret, a changed Host, a query that was not signed', async () => {
    const other = { ...CREDENTIAL, secretAccessKey: 'other' };
    expect(await errorOf({ credential: other })).toMatchObject({
      status: 403,
      code: 'SignatureDoesNotMatch',
    });
    expect(await errorOf({}, { headers: { host: 'elsewhere' } })).toMatchObject({
      code: 'SignatureDoesNotMatch',
    });
    expect(await errorOf({}, { target: '/bucket/key?acl' })).toMatchObject({ code: 'SignatureDoesNotMatch' });
  });

  test('an unknown access key id', async () => {
    const other = { ...CREDENTIAL, accessKeyId: 'ASIAOTHER' };
    expect(await errorOf({ credential: other })).toMatchObject({ status: 403, code: 'InvalidAccessKeyId' });
  });

  test('a token that is missing, wrong, expired or not asked for', async () => {
    const { sessionToken, ...bare } = CREDENTIAL;
    const token = { status: 400, code: 'InvalidToken' };
    expect(await errorOf({ credential: bare })).toMatchObject(token);
    expect(await errorOf({ credential: { ...bare, sessionToken: `${sessionToken}x` } })).toMatchObject(token);
    expect(await errorOf({}, { credentials: [bare] })).toMatchObject(token);
    const expired = [{ ...CREDENTIAL, expiration: new Date(NOW_MS) }];
    expect(await errorOf({}, { credentials: expired })).toMatchObject({ status: 400, code: 'ExpiredToken' });
  });

  test('a clock more than 15 minutes off, either way', async () => {
    expect(await verify({}, { nowMs: NOW_MS + 900_000 })).toMatchObject({ ok: true });
    for (const nowMs of [NOW_MS + 901_000, NOW_MS - 901_000]) {
      expect(await errorOf({}, { nowMs })).toMatchObject({ status: 403, code: 'RequestTimeTooSkewed' });
    }
  });

  test('another region, and names the right one', async () => {
    expect(await errorOf({}, { region: 'us-east-2' })).toMatchObject({
      status: 400,
      code: 'AuthorizationHeaderMalformed',
      details: { Region: 'us-east-2' },
      headers: { 'x-amz-bucket-region': 'us-east-2' },
    });
  });

  test('an x-amz header that is not signed', async () => {
    expect(await errorOf({}, { headers: { 'X-Amz-Foo': '1' } })).toMatchObject({
      status: 403,
      code: 'AccessDenied',
      details: { HeadersNotSigned: 'x-amz-foo' },
    });
  });

  test.each([
    [{ authorization: undefined }, 403, 'AccessDenied'],
    [{ authorization: 'AWS key:signature' }, 400, 'InvalidRequest'],
    [{ authorization: 'AWS4-HMAC-SHA256 Credential=x' }, 400, 'AuthorizationHeaderMalformed'],
    [{ 'x-amz-date': undefined }, 403, 'AccessDenied'],
    [{ 'x-amz-date': '20261399T000000Z' }, 403, 'AccessDenied'],
    [{ 'x-amz-date': '20260305T000000Z' }, 400, 'AuthorizationHeaderMalformed'],
    [{ 'x-amz-content-sha256': undefined }, 400, 'InvalidRequest'],
    [{ 'x-amz-content-sha256': 'e3b0' }, 400, 'XAmzContentSHA256Mismatch'],
  ])('headers changed by %j', async (headers, status, code) => {
    expect(await errorOf({}, { headers })).toMatchObject({ status, code });
  });

  test.each(['/bucket/%zz', '/bucket/%', 'bucket/key', '/bucket/key?a=%FF'])(
    'the target %s',
    async (target) => {
      expect(await errorOf({}, { target })).toMatchObject({ status: 400, code: 'InvalidURI' });
    },
  );

  test('two signatures', async () => {
    const target = '/bucket/key?X-Amz-Signature=0';
    expect(await errorOf({}, { target })).toMatchObject({ status: 400, code: 'InvalidArgument' });
  });
});

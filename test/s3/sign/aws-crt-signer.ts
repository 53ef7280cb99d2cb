import { auth, http } from 'aws-crt';
import type { Credentials, SigningScope, UnsignedRequest } from '../../../src/s3/sign/request-signer.ts';

/** Signs with AWS's C implementation. @returns flat headers, names in lower case */
export async function signWithAwsCrt(
  scope: SigningScope,
  { method, path, query }: UnsignedRequest,
  { credentials, nowMs }: { readonly credentials: Credentials; readonly nowMs: number },
): Promise<string[]> {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const signed = await auth.aws_sign_request(
    new http.HttpRequest(
      method,
      query === '' ? path : `${path}?${query}`,
      new http.HttpHeaders([['host', scope.host]]),
    ),
    {
      algorithm: auth.AwsSigningAlgorithm.SigV4,
      signature_type: auth.AwsSignatureType.HttpRequestViaHeaders,
      provider: auth.AwsCredentialsProvider.newStatic(accessKeyId, secretAccessKey, sessionToken),
      region: scope.region,
      service: scope.service,
      date: new Date(nowMs),
      use_double_uri_encode: false,
      should_normalize_uri_path: false,
      signed_body_header: auth.AwsSignedBodyHeaderType.XAmzContentSha256,
    },
  );
  return [...signed.headers].flatMap(([name, value]) => [name.toLowerCase(), value]);
}

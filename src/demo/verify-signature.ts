import { readAuthorization } from './authorization-header.ts';
import {
  type Headers,
  checkDate,
  checkForm,
  checkSignedHeaders,
  parseAmzDate,
  s3Error,
} from './check-authorization.ts';
import { recomputeSignature } from './recompute-signature.ts';
import { readTarget } from './request-target.ts';
import type { S3Error } from './s3-answer.ts';

/** A key that a server knows. */
export interface S3Credential {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Present: requests must carry exactly this token. Absent: they must carry none. */
  readonly sessionToken?: string | undefined;
  /** From then on the answer is 400 ExpiredToken. */
  readonly expiration?: Date | undefined;
}

/** A request as it came over the wire. */
export interface ReceivedRequest {
  readonly method: string;
  /** Request target, byte for byte (latin1). */
  readonly target: string;
  /** Flat names and values, as in Node's `rawHeaders`. */
  readonly rawHeaders: readonly string[];
}

export interface VerificationRules {
  readonly credentials: readonly S3Credential[];
  readonly region: string;
  /** Signing name; `s3` unless given. */
  readonly service?: string | undefined;
  /** The server's clock. */
  readonly nowMs: number;
}

export type Verdict =
  { readonly ok: true; readonly credential: S3Credential } | { readonly ok: false; readonly error: S3Error };

/**
 * Checks the SigV4 `Authorization` header of a GET or HEAD by signing the request again with AWS's own signer.
 *
 * Signed must be `host` and every `x-amz-*` header, among them `x-amz-date` and `x-amz-content-sha256`. Errors are
 * S3's: 403 AccessDenied, InvalidAccessKeyId, RequestTimeTooSkewed, SignatureDoesNotMatch; 400
 * AuthorizationHeaderMalformed (for a wrong region with `<Region>` and `x-amz-bucket-region`), InvalidToken,
 * ExpiredToken, InvalidRequest, InvalidArgument, InvalidURI, XAmzContentSHA256Mismatch. SignatureDoesNotMatch shows
 * the canonical request, and with it the session token, as S3's does.
 */
export async function verifySignature(request: ReceivedRequest, rules: VerificationRules): Promise<Verdict> {
  const headers = joinHeaders(request.rawHeaders);
  const target = readTarget(request.target);
  if (target === undefined) return refuse(s3Error(400, 'InvalidURI', 'The target cannot be decoded.'));
  const authorization = readAuthorization(headers.authorization);
  if ('error' in authorization) return refuse(authorization.error);
  const malformed = checkForm(authorization, { target, headers }, rules);
  if (malformed !== undefined) return refuse(malformed);
  const credential = findCredential(authorization.accessKeyId, headers, rules);
  if ('code' in credential) return refuse(credential);
  const unacceptable = checkDate(authorization, headers, rules) ?? checkSignedHeaders(authorization, headers);
  if (unacceptable !== undefined) return refuse(unacceptable);

  const timeMs = parseAmzDate(headers['x-amz-date']);
  const input = {
    method: request.method,
    target,
    headers,
    timeMs,
    secretAccessKey: credential.secretAccessKey,
  };
  const right = await recomputeSignature(input, authorization);
  if (right.signature === authorization.signature) return { ok: true, credential };
  const details = {
    AWSAccessKeyId: authorization.accessKeyId,
    StringToSign: right.stringToSign,
    SignatureProvided: authorization.signature,
    CanonicalRequest: right.canonicalRequest,
  };
  return refuse(
    s3Error(403, 'SignatureDoesNotMatch', 'The signature is not the one of this request.', { details }),
  );
}

function findCredential(
  accessKeyId: string,
  headers: Headers,
  rules: VerificationRules,
): S3Credential | S3Error {
  const known = rules.credentials.filter((candidate) => candidate.accessKeyId === accessKeyId);
  if (known.length === 0) return s3Error(403, 'InvalidAccessKeyId', 'The access key id is unknown.');
  const credential = known.find((candidate) => candidate.sessionToken === headers['x-amz-security-token']);
  if (credential === undefined) return s3Error(400, 'InvalidToken', 'The token is not the one of this key.');
  if (credential.expiration === undefined || credential.expiration.getTime() > rules.nowMs) return credential;
  return s3Error(400, 'ExpiredToken', 'The token has expired.');
}

/** By lower-case name; repeated headers are one list, which makes a second Host or Authorization unreadable. */
function joinHeaders(rawHeaders: readonly string[]): Headers {
  const headers: Record<string, string> = {};
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    const value = rawHeaders[index + 1] ?? '';
    headers[name] = Object.hasOwn(headers, name) ? `${headers[name] ?? ''},${value}` : value;
  }
  return headers;
}

function refuse(error: S3Error): Verdict {
  return { ok: false, error };
}

import { type AuthorizationHeader, readAuthorization } from './authorization-header.ts';
import { recomputeSignature } from './recompute-signature.ts';
import { type RequestTarget, readTarget } from './request-target.ts';
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

/** AWS, "Authenticating Requests: Using the Authorization Header". */
const MAX_SKEW_MS = 15 * 60_000;
const EMPTY_BODY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

type Headers = Readonly<Record<string, string>>;

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
  const malformed = checkScope(authorization, rules) ?? checkRequest(target, headers);
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

function checkScope(authorization: AuthorizationHeader, rules: VerificationRules): S3Error | undefined {
  const { region, service } = authorization;
  const code = 'AuthorizationHeaderMalformed';
  if (region !== rules.region) {
    return s3Error(400, code, `The region '${region}' is wrong; expecting '${rules.region}'.`, {
      details: { Region: rules.region },
      headers: { 'x-amz-bucket-region': rules.region },
    });
  }
  return service === (rules.service ?? 's3')
    ? undefined
    : s3Error(400, code, `The service '${service}' is wrong.`);
}

function checkRequest(target: RequestTarget, headers: Headers): S3Error | undefined {
  if (Object.keys(target.query).some((name) => /^(X-Amz-Algorithm|X-Amz-Signature|Signature)$/i.test(name))) {
    return s3Error(400, 'InvalidArgument', 'Both the Authorization header and the query hold a signature.');
  }
  const bodyHash = headers['x-amz-content-sha256'];
  if (bodyHash === undefined) return s3Error(400, 'InvalidRequest', 'x-amz-content-sha256 is missing.');
  if (bodyHash === EMPTY_BODY_SHA256 || bodyHash === 'UNSIGNED-PAYLOAD') return undefined;
  return s3Error(400, 'XAmzContentSHA256Mismatch', 'x-amz-content-sha256 is not that of an empty body.');
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

function checkDate(
  authorization: AuthorizationHeader,
  headers: Headers,
  rules: VerificationRules,
): S3Error | undefined {
  const date = headers['x-amz-date'] ?? '';
  const timeMs = parseAmzDate(date);
  if (Number.isNaN(timeMs)) return s3Error(403, 'AccessDenied', 'A valid x-amz-date is required.');
  if (authorization.date !== date.slice(0, 8)) {
    return s3Error(
      400,
      'AuthorizationHeaderMalformed',
      'The credential scope is not of the day of x-amz-date.',
    );
  }
  if (Math.abs(timeMs - rules.nowMs) <= MAX_SKEW_MS) return undefined;
  const details = {
    RequestTime: date,
    ServerTime: `${new Date(rules.nowMs).toISOString().slice(0, 19)}Z`,
    MaxAllowedSkewMilliseconds: String(MAX_SKEW_MS),
  };
  return s3Error(403, 'RequestTimeTooSkewed', "The request's time is too far from the server's.", {
    details,
  });
}

function checkSignedHeaders(authorization: AuthorizationHeader, headers: Headers): S3Error | undefined {
  const signed = authorization.signedHeaders;
  const toSign = ['host', ...Object.keys(headers).filter((name) => name.startsWith('x-amz-'))];
  const unsigned = toSign.filter((name) => !signed.includes(name));
  if (unsigned.length > 0) {
    const details = { HeadersNotSigned: unsigned.join(', ') };
    return s3Error(403, 'AccessDenied', 'There are headers that must be signed and are not.', { details });
  }
  if (signed.join(';') === [...signed].sort().join(';').toLowerCase()) return undefined;
  return s3Error(400, 'AuthorizationHeaderMalformed', 'SignedHeaders must be in lower case and sorted.');
}

/** Milliseconds of `YYYYMMDDTHHMMSSZ`, NaN for anything else. */
function parseAmzDate(text: string | undefined): number {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text ?? '');
  if (parts === null) return Number.NaN;
  const [year, month, day, hour, minute, second] = parts.slice(1);
  return Date.parse(
    `${year ?? ''}-${month ?? ''}-${day ?? ''}T${hour ?? ''}:${minute ?? ''}:${second ?? ''}Z`,
  );
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

function s3Error(status: number, code: string, message: string, more: Partial<S3Error> = {}): S3Error {
  return { status, code, message, ...more };
}

function refuse(error: S3Error): Verdict {
  return { ok: false, error };
}

import type { AuthorizationHeader } from './authorization-header.ts';
import type { RequestTarget } from './request-target.ts';
import type { S3Error } from './s3-answer.ts';
import type { VerificationRules } from './verify-signature.ts';

/** Values by lower-case name. */
export type Headers = Readonly<Record<string, string>>;

/** AWS, "Authenticating Requests: Using the Authorization Header". */
const MAX_SKEW_MS = 15 * 60_000;
const EMPTY_BODY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** Region and service of the credential scope, and what every signed request must have: 400. */
export function checkForm(
  authorization: AuthorizationHeader,
  request: { readonly target: RequestTarget; readonly headers: Headers },
  rules: VerificationRules,
): S3Error | undefined {
  return checkScope(authorization, rules) ?? checkRequest(request.target, request.headers);
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

/** The time of a request against the server's clock: 403, or 400 where the scope is of another day. */
export function checkDate(
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

/** Whether everything that must be signed is: 403. */
export function checkSignedHeaders(
  authorization: AuthorizationHeader,
  headers: Headers,
): S3Error | undefined {
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
export function parseAmzDate(text: string | undefined): number {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text ?? '');
  if (parts === null) return Number.NaN;
  const [year, month, day, hour, minute, second] = parts.slice(1);
  return Date.parse(
    `${year ?? ''}-${month ?? ''}-${day ?? ''}T${hour ?? ''}:${minute ?? ''}:${second ?? ''}Z`,
  );
}

export function s3Error(status: number, code: string, message: string, more: Partial<S3Error> = {}): S3Error {
  return { status, code, message, ...more };
}

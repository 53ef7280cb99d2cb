import type { S3Error } from './s3-answer.ts';

/** The parts of `Authorization: AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`. */
export interface AuthorizationHeader {
  readonly accessKeyId: string;
  /** `YYYYMMDD` of the credential scope. */
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  /** 64 lower-case hexadecimal digits. */
  readonly signature: string;
}

const PATTERN =
  /^AWS4-HMAC-SHA256 +Credential=([^,\s]+?)\/(\d{8})\/([^,\s/]*)\/([^,\s/]*)\/aws4_request, *SignedHeaders=([^,\s]+), *Signature=([0-9a-f]{64})$/;

/**
 * Reads a SigV4 `Authorization` (AWS, "Authenticating Requests: Using the Authorization Header").
 * @returns or S3's refusal: 403 AccessDenied for none, 400 InvalidRequest for another scheme, 400
 * AuthorizationHeaderMalformed.
 */
export function readAuthorization(value: string | undefined): AuthorizationHeader | { error: S3Error } {
  if (value === undefined) {
    return { error: { status: 403, code: 'AccessDenied', message: 'Anonymous requests are not served.' } };
  }
  if (!value.startsWith('AWS4-HMAC-SHA256')) {
    return {
      error: { status: 400, code: 'InvalidRequest', message: 'Only AWS4-HMAC-SHA256 is understood.' },
    };
  }
  const match = PATTERN.exec(value);
  if (match === null) {
    const message = 'The Authorization header cannot be read.';
    return { error: { status: 400, code: 'AuthorizationHeaderMalformed', message } };
  }
  const [accessKeyId = '', date = '', region = '', service = '', signedHeaders = '', signature = ''] =
    match.slice(1);
  return { accessKeyId, date, region, service, signedHeaders: signedHeaders.split(';'), signature };
}

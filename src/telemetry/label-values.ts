import { FAILURES } from '../failures.ts';

// A metric's series must not multiply by what a client or S3 chooses to send.

export const OTHER = 'other';

/**
 * S3's codes that an answer to a GET or HEAD of an object may carry (AWS, "Error responses"), with those of S3-compatible
 * servers.
 */
const S3_ERROR_CODES: ReadonlySet<string> = new Set([
  'AccessDenied',
  'AccountProblem',
  'AllAccessDisabled',
  'AuthorizationHeaderMalformed',
  'AuthorizationQueryParametersError',
  'BadRequest',
  'BandwidthLimitExceeded',
  'ExpiredToken',
  'Forbidden',
  'GatewayTimeout',
  'IllegalLocationConstraintException',
  'InternalError',
  'InvalidAccessKeyId',
  'InvalidArgument',
  'InvalidBucketName',
  'InvalidBucketOwnerAWSAccountID',
  'InvalidBucketState',
  'InvalidObjectState',
  'InvalidPartNumber',
  'InvalidRange',
  'InvalidRequest',
  'InvalidSecurity',
  'InvalidToken',
  'InvalidURI',
  'KMS.DisabledException',
  'KMS.InvalidKeyUsageException',
  'KMS.KMSInvalidStateException',
  'KMS.NotFoundException',
  'KeyTooLongError',
  'MethodNotAllowed',
  'MissingSecurityHeader',
  'NoSuchBucket',
  'NoSuchKey',
  'NoSuchUpload',
  'NoSuchVersion',
  'NotImplemented',
  'NotSignedUp',
  'PermanentRedirect',
  'PreconditionFailed',
  'Redirect',
  'RequestExpired',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'RequestTimeout',
  'RequestTimeTooSkewed',
  'RequesterPaysBucketAccessDenied',
  'ServiceUnavailable',
  'SignatureDoesNotMatch',
  'SlowDown',
  'TemporaryRedirect',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TokenRefreshRequired',
  'TooManyRequestsException',
  'Unauthorized',
  'UnauthorizedAccess',
  'UserKeyMustBeSpecified',
  'XAmzContentSHA256Mismatch',
]);

/** Why a request is put again though nothing has failed. */
const OTHER_CAUSES: ReadonlySet<string> = new Set([
  'new_credentials',
  'clock',
  'region',
  'closed_connection',
  'if_range',
]);

/** S3's code, or `other`; its status, with `other` too, where it sent no code. */
export function toErrorCode(code: string): string {
  if (S3_ERROR_CODES.has(code) || /^[3-5]\d\d$/.test(code)) return code;
  return OTHER;
}

/** Why a request was sent again: a name of ours, S3's code or its status. @param cause - of a report */
export function toRetryCause(cause: string): string {
  if (OTHER_CAUSES.has(cause) || Object.hasOwn(FAILURES, cause)) return cause;
  return toErrorCode(/^\d{3} (.+)$/.exec(cause)?.[1] ?? cause);
}

/** Only two are ever served. */
export function toMethod(method: string | undefined): string {
  return method === 'GET' || method === 'HEAD' ? method : OTHER;
}

/** `2xx` and its like. */
export function toStatusClass(status: number): string {
  return status >= 100 && status < 600 ? `${Math.floor(status / 100)}xx` : OTHER;
}

export function toStatus(status: number): string {
  return status >= 100 && status < 600 ? String(status) : OTHER;
}

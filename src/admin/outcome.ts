import type { FailureName } from '../failures.ts';

/**
 * How a request ended, by who has to do something about it:
 * `ok` nobody; `s3` S3 or the way to it; `credentials` our keys, or that there are none; `denied` our permissions;
 * `s3_4xx` whoever asks, as S3 has no such object or the like; `refused` whoever asks, as we do not serve such requests;
 * `left` the client, which did not wait; `daemon` this daemon, which had too much to do or failed.
 */
export type Outcome = (typeof OUTCOMES)[number];

export const OUTCOMES = ['ok', 's3', 'credentials', 'denied', 's3_4xx', 'refused', 'left', 'daemon'] as const;

/** What a request's metrics tell about its end; an empty text is none. */
export interface RequestLabels {
  readonly failure: string;
  readonly s3ErrorCode: string;
  /** `2xx` and so on. */
  readonly statusClass: string;
}

export function classifyOutcome({ failure, s3ErrorCode, statusClass }: RequestLabels): Outcome {
  if (failure !== '') return (OUTCOME_OF_FAILURE as Readonly<Record<string, Outcome>>)[failure] ?? 'daemon';
  if (statusClass === '2xx' || statusClass === '3xx') return 'ok';
  return OUTCOME_OF_CODE[s3ErrorCode] ?? (statusClass === '5xx' ? 's3' : 's3_4xx');
}

const OUTCOME_OF_FAILURE: Readonly<Record<FailureName, Outcome>> = {
  malformed_request: 'refused',
  header_too_large: 'refused',
  request_head_timeout: 'refused',
  method_not_allowed: 'refused',
  peer_not_loopback: 'refused',
  host_not_allowed: 'refused',
  bad_target: 'refused',
  bad_percent_encoding: 'refused',
  dot_segment: 'refused',
  key_too_long: 'refused',
  no_key: 'refused',
  no_route: 'refused',
  missing_host: 'refused',
  repeated_header: 'refused',
  body_not_allowed: 'refused',
  credentials_unavailable: 'credentials',
  s3_unreachable: 's3',
  s3_tls: 's3',
  s3_connect_timeout: 's3',
  s3_first_byte_timeout: 's3',
  s3_reset: 's3',
  s3_bad_response: 's3',
  s3_wrong_range: 's3',
  s3_redirect: 's3',
  overloaded: 'daemon',
  body_cut: 's3',
  body_stall: 's3',
  drain_deadline: 'daemon',
  client_gone: 'left',
  client_stall: 'left',
  internal: 'daemon',
};

/** Of S3's own answers with 4xx and 5xx, where the code tells more than the status (AWS, "Error responses"). */
const OUTCOME_OF_CODE: Readonly<Record<string, Outcome>> = {
  AuthorizationHeaderMalformed: 'credentials',
  ExpiredToken: 'credentials',
  InvalidAccessKeyId: 'credentials',
  InvalidSecurity: 'credentials',
  InvalidToken: 'credentials',
  MissingSecurityHeader: 'credentials',
  RequestExpired: 'credentials',
  RequestTimeTooSkewed: 'credentials',
  SignatureDoesNotMatch: 'credentials',
  TokenRefreshRequired: 'credentials',
  AccessDenied: 'denied',
  AccountProblem: 'denied',
  AllAccessDisabled: 'denied',
  Forbidden: 'denied',
  'KMS.DisabledException': 'denied',
  'KMS.InvalidKeyUsageException': 'denied',
  'KMS.KMSInvalidStateException': 'denied',
  'KMS.NotFoundException': 'denied',
  NotSignedUp: 'denied',
  RequesterPaysBucketAccessDenied: 'denied',
  Unauthorized: 'denied',
  UnauthorizedAccess: 'denied',
  BandwidthLimitExceeded: 's3',
  RequestLimitExceeded: 's3',
  RequestThrottled: 's3',
  RequestThrottledException: 's3',
  RequestTimeout: 's3',
  SlowDown: 's3',
  ThrottledException: 's3',
  Throttling: 's3',
  ThrottlingException: 's3',
  TooManyRequestsException: 's3',
};

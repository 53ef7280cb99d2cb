/** How loudly a failure is logged: `error` is ours or S3's to mend, `warn` the configuration's, `info` the client's. */
export type FailureLevel = 'info' | 'warn' | 'error';

interface FailureRow {
  /** HTTP status, where the head is not out yet. 499 never reaches the wire: the client is gone. */
  readonly status: number;
  /** `<Code>` of the XML the client gets. */
  readonly code: string;
  readonly level: FailureLevel;
  /** What the client reads. Never holds anything it or S3 sent. */
  readonly text: string;
}

function row(status: number, code: string, level: FailureLevel, text: string): FailureRow {
  return { status, code, level, text };
}

/**
 * Every way a request can end badly, one row each. The row's name is what log lines, metrics and tests say; S3's own
 * 4xx and 5xx are answers and have no row.
 */
export const FAILURES = {
  malformed_request: row(
    400,
    'BadRequest',
    'info',
    'The request is not well-formed HTTP/1.1; a space or a non-ASCII byte in the path must be percent-encoded.',
  ),
  header_too_large: row(431, 'RequestHeaderSectionTooLarge', 'info', 'The request head is over 16 KiB.'),
  request_head_timeout: row(408, 'RequestTimeout', 'info', 'The request head did not arrive in time.'),
  method_not_allowed: row(405, 'MethodNotAllowed', 'info', 'Only GET and HEAD are served.'),
  peer_not_loopback: row(
    403,
    'AccessDenied',
    'warn',
    'Only clients on this machine are served (allow_remote is false).',
  ),
  host_not_allowed: row(
    421,
    'MisdirectedRequest',
    'warn',
    'This Host is not served. Send an IP address, localhost or a single-label name, or list the name in allowed_hosts.',
  ),
  bad_target: row(
    400,
    'InvalidURI',
    'info',
    'The request target must be a path that begins with a slash, of ASCII characters.',
  ),
  bad_percent_encoding: row(
    400,
    'InvalidURI',
    'info',
    'A percent sign in the path or the query is not followed by two hexadecimal digits.',
  ),
  dot_segment: row(400, 'InvalidURI', 'info', 'A path segment of one or two dots is not served.'),
  key_too_long: row(400, 'KeyTooLongError', 'info', 'The object key is over 1024 bytes.'),
  no_key: row(404, 'NoSuchKey', 'info', 'The path names no object; buckets are not listed.'),
  no_route: row(404, 'NoSuchBucket', 'info', 'No route leads from this path to a bucket.'),
  missing_host: row(400, 'InvalidRequest', 'info', 'A request of HTTP/1.1 must have a Host.'),
  repeated_header: row(400, 'InvalidRequest', 'info', 'A header that may be sent once was sent twice.'),
  body_not_allowed: row(400, 'InvalidRequest', 'info', 'A request with a body is not served.'),
  credentials_unavailable: row(503, 'ServiceUnavailable', 'error', 'There are no AWS credentials yet.'),
  s3_unreachable: row(502, 'BadGateway', 'error', 'S3 could not be reached.'),
  s3_tls: row(502, 'BadGateway', 'error', 'S3 could not prove its identity.'),
  s3_connect_timeout: row(504, 'GatewayTimeout', 'error', 'S3 did not accept a connection in time.'),
  s3_first_byte_timeout: row(504, 'GatewayTimeout', 'error', 'S3 did not answer in time.'),
  s3_reset: row(502, 'BadGateway', 'error', 'S3 closed the connection before it answered.'),
  s3_bad_response: row(502, 'BadGateway', 'error', 'S3 sent a response that cannot be trusted.'),
  s3_wrong_range: row(502, 'BadGateway', 'error', 'S3 sent other bytes than were asked for.'),
  s3_redirect: row(
    502,
    'BadGateway',
    'error',
    'S3 sent a redirect; the configured region or endpoint is wrong for this bucket.',
  ),
  overloaded: row(503, 'SlowDown', 'warn', 'Too many requests are under way; try again in a moment.'),
  body_cut: row(502, 'BadGateway', 'error', 'S3 ended the body before its promised length.'),
  body_stall: row(504, 'GatewayTimeout', 'error', 'S3 stopped sending in the middle of the body.'),
  drain_deadline: row(
    503,
    'ServiceUnavailable',
    'warn',
    'The service stopped before the response was complete.',
  ),
  client_gone: row(499, 'ClientClosedRequest', 'info', 'The client left before the response was complete.'),
  client_stall: row(499, 'ClientClosedRequest', 'info', 'The client stopped reading.'),
  internal: row(500, 'InternalError', 'error', 'Something unforeseen happened.'),
} as const satisfies Readonly<Record<string, FailureRow>>;

export type FailureName = keyof typeof FAILURES;

/** The one error that a stage throws. Its cause is for the log; the client only ever sees the row. */
export class ProxyFailure extends Error {
  override readonly name = 'ProxyFailure';
  readonly failure: FailureName;

  constructor(failure: FailureName, options?: { readonly cause?: unknown }) {
    super(FAILURES[failure].text, options);
    this.failure = failure;
  }

  get row(): FailureRow {
    return FAILURES[this.failure];
  }
}

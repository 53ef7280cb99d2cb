import type { FailureName } from '../failures.ts';

/**
 * What an error on the way to S3 means before the head is there, by its `code`: Node's system errors (man 3 errno),
 * undici's errors (its documentation, "Errors"), the wire client's (`WireErrorCode`) and Node's TLS errors.
 */
const FAILURE_BY_CODE: ReadonlyMap<string, FailureName> = new Map<string, FailureName>([
  ['ENOTFOUND', 's3_unreachable'],
  ['EAI_AGAIN', 's3_unreachable'],
  ['EAI_FAIL', 's3_unreachable'],
  ['ECONNREFUSED', 's3_unreachable'],
  ['EHOSTUNREACH', 's3_unreachable'],
  ['ENETUNREACH', 's3_unreachable'],
  ['EADDRNOTAVAIL', 's3_unreachable'],
  ['EMFILE', 's3_unreachable'],
  ['ECONNRESET', 's3_reset'],
  ['EPIPE', 's3_reset'],
  ['ECONNABORTED', 's3_reset'],
  ['UND_ERR_SOCKET', 's3_reset'],
  ['ETIMEDOUT', 's3_connect_timeout'],
  ['UND_ERR_CONNECT_TIMEOUT', 's3_connect_timeout'],
  ['UND_ERR_HEADERS_TIMEOUT', 's3_first_byte_timeout'],
  ['WIRE_NO_ADDRESS', 's3_unreachable'],
  ['WIRE_NO_CONNECTION', 'overloaded'],
  ['WIRE_CONNECT_TIMEOUT', 's3_connect_timeout'],
  ['WIRE_FIRST_BYTE_TIMEOUT', 's3_first_byte_timeout'],
  ['WIRE_EARLY_CLOSE', 's3_reset'],
  ['WIRE_BAD_STATUS_LINE', 's3_bad_response'],
  ['WIRE_BAD_HEADER', 's3_bad_response'],
  ['WIRE_HEAD_TOO_LARGE', 's3_bad_response'],
  ['WIRE_BAD_FRAMING', 's3_bad_response'],
  ['WIRE_BAD_CHUNK', 's3_bad_response'],
  ['WIRE_EXTRA_BYTES', 's3_bad_response'],
  ['WIRE_CLIENT_CLOSED', 'drain_deadline'],
  ['UND_ERR_HEADERS_OVERFLOW', 's3_bad_response'],
  ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 's3_bad_response'],
  ['UND_ERR_RES_EXCEEDED_MAX_SIZE', 's3_bad_response'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 's3_tls'],
  ['UNABLE_TO_GET_ISSUER_CERT', 's3_tls'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 's3_tls'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 's3_tls'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 's3_tls'],
  ['EPROTO', 's3_tls'],
]);

const STALL_CODES: ReadonlySet<string> = new Set(['UND_ERR_BODY_TIMEOUT', 'WIRE_BODY_STALL']);
// llhttp's (`HPE_*`), OpenSSL's (`ERR_SSL_*`, `ERR_TLS_*`, `CERT_*`) codes come in families.
const FAMILIES: readonly (readonly [pattern: RegExp, failure: FailureName])[] = [
  [/^HPE_/, 's3_bad_response'],
  [/^(?:ERR_SSL_|ERR_TLS_|CERT_)/, 's3_tls'],
];

/** The failures table's name for an error of an attempt. */
export function classifyAttemptError(error: Error, hasHead: boolean): FailureName {
  const code = findCode(error);
  if (hasHead) return STALL_CODES.has(code) ? 'body_stall' : 'body_cut';
  return FAILURE_BY_CODE.get(code) ?? FAMILIES.find(([pattern]) => pattern.test(code))?.[1] ?? 'internal';
}

/** Errors of several addresses come wrapped in one (Node's AggregateError), others carry theirs as a cause. */
function findCode(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const code = (error as NodeJS.ErrnoException).code;
  if (typeof code === 'string' && code !== '') return code;
  if (error instanceof AggregateError) return findCode(error.errors[0]);
  return findCode(error.cause);
}

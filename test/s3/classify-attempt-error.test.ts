import { describe, expect, test } from 'vitest';
import { classifyAttemptError } from '../../src/s3/classify-attempt-error.ts';

function withCode(code: string): Error {
  return Object.assign(new Error('words that nobody matches on'), { code });
}

describe('Before the head', () => {
  test.each([
    ['ENOTFOUND', 's3_unreachable'],
    ['EAI_AGAIN', 's3_unreachable'],
    ['ECONNREFUSED', 's3_unreachable'],
    ['EHOSTUNREACH', 's3_unreachable'],
    ['ENETUNREACH', 's3_unreachable'],
    ['ECONNRESET', 's3_reset'],
    ['EPIPE', 's3_reset'],
    ['UND_ERR_SOCKET', 's3_reset'],
    ['ETIMEDOUT', 's3_connect_timeout'],
    ['UND_ERR_CONNECT_TIMEOUT', 's3_connect_timeout'],
    ['UND_ERR_HEADERS_TIMEOUT', 's3_first_byte_timeout'],
    ['UND_ERR_HEADERS_OVERFLOW', 's3_bad_response'],
    ['HPE_INVALID_CONSTANT', 's3_bad_response'],
    ['HPE_UNKNOWN', 's3_bad_response'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 's3_tls'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 's3_tls'],
    ['CERT_HAS_EXPIRED', 's3_tls'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 's3_tls'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 's3_tls'],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 's3_tls'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 's3_tls'],
    ['EPROTO', 's3_tls'],
    ['ESOMETHING', 'internal'],
    ['', 'internal'],
  ])('%s is %s', (code, failure) => expect(classifyAttemptError(withCode(code), false)).toBe(failure));

  test('the code of a cause counts where the error has none', () => {
    expect(classifyAttemptError(new Error('outer', { cause: withCode('ECONNRESET') }), false)).toBe(
      's3_reset',
    );
  });

  test('of several addresses the first counts', () => {
    const errors = new AggregateError([withCode('ECONNREFUSED'), withCode('ENETUNREACH')]);
    expect(classifyAttemptError(errors, false)).toBe('s3_unreachable');
  });

  test('an error that is about nothing is internal', () => {
    expect(classifyAttemptError(new TypeError('a bug'), false)).toBe('internal');
    expect(classifyAttemptError(new AggregateError([]), false)).toBe('internal');
    expect(classifyAttemptError(new Error('outer', { cause: 'text' }), false)).toBe('internal');
  });
});

describe('After the head', () => {
  test.each([
    'ECONNRESET',
    'UND_ERR_SOCKET',
    'HPE_INVALID_CHUNK_SIZE',
    'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
    '',
  ])('%j is a cut body', (code) => expect(classifyAttemptError(withCode(code), true)).toBe('body_cut'));

  test('silence is a stall', () => {
    expect(classifyAttemptError(withCode('UND_ERR_BODY_TIMEOUT'), true)).toBe('body_stall');
  });
});

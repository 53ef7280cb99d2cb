import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import type { FailureName, ProxyFailure } from '../../src/failures.ts';
import { admit, type AdmissionRules } from '../../src/request/admit.ts';

const ALL: AdmissionRules = { isPeerAllowed: () => true, isHostAllowed: () => true };

function received(method: string, url: string, rawHeaders: readonly string[] = []): IncomingMessage {
  return { method, url, rawHeaders, httpVersion: '1.0' } as unknown as IncomingMessage;
}

function failureOf(act: () => unknown): FailureName | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    return (error as ProxyFailure).failure;
  }
}

test('A request that may be served becomes what it asks for', () => {
  const request = received('HEAD', '/a%20b?versionId=v1&acl', [
    'Host',
    'x',
    'RANGE',
    'bytes=0-1',
    'Cookie',
    'c',
  ]);
  expect(admit(request, ALL)).toEqual({
    method: 'HEAD',
    path: { encoded: '/a%20b', byteLength: 4 },
    query: { encoded: 'versionId=v1', hasPartNumber: false },
    headers: { host: 'x', range: 'bytes=0-1', ifRange: undefined, conditions: [], hasBody: false },
  });
});

describe('Who asks is judged before what is asked:', () => {
  const everythingWrong = received('POST', '/../a', [
    'Host',
    'x',
    'Content-Length',
    '1',
    'Range',
    'a',
    'Range',
    'b',
  ]);
  const wrongHost = received('POST', '/../a', ['Host', 'x', 'Content-Length', '1']);
  const wrongMethod = received('POST', '/../a', ['Content-Length', '1']);
  const body = received('GET', '/../a', ['Content-Length', '1']);

  test.each([
    [
      'a peer that is not allowed',
      { ...ALL, isPeerAllowed: () => false },
      everythingWrong,
      'peer_not_loopback',
    ],
    ['a header twice', ALL, everythingWrong, 'repeated_header'],
    ['a Host', { ...ALL, isHostAllowed: () => false }, wrongHost, 'host_not_allowed'],
    ['a method', ALL, wrongMethod, 'method_not_allowed'],
    ['a body', ALL, body, 'body_not_allowed'],
    ['a path', ALL, received('GET', '/../a'), 'dot_segment'],
  ] as const)('%s', (_, rules, request, failure) => {
    expect(failureOf(() => admit(request, rules))).toBe(failure);
  });
});

test('HTTP/1.1 must have a Host, HTTP/1.0 need not', () => {
  const request = received('GET', '/a');
  expect(failureOf(() => admit(request, ALL))).toBeUndefined();
  request.httpVersion = '1.1';
  expect(failureOf(() => admit(request, ALL))).toBe('missing_host');
});

test.each(['0.9', '2.0', '1.2'])('HTTP/%s is not served', (version) => {
  const request = received('GET', '/a', ['Host', 'x']);
  request.httpVersion = version;
  expect(failureOf(() => admit(request, ALL))).toBe('malformed_request');
});

test.each(['Range', 'If-Range', 'If-Modified-Since', 'If-Unmodified-Since', 'Host'])(
  '%s may come once',
  (name) => {
    expect(failureOf(() => admit(received('GET', '/a', [name, '1', name.toUpperCase(), '1']), ALL))).toBe(
      'repeated_header',
    );
  },
);

test.each([
  ['Content-Length', '0', undefined],
  ['Content-Length', '1', 'body_not_allowed'],
  ['Content-Length', '00', 'body_not_allowed'],
  ['Content-Length', '-0', 'body_not_allowed'],
  ['Transfer-Encoding', 'chunked', 'body_not_allowed'],
  ['transfer-encoding', 'identity', 'body_not_allowed'],
])('%s: %s is a body or not: %s', (name, value, failure) => {
  expect(failureOf(() => admit(received('GET', '/a', [name, value]), ALL))).toBe(failure);
});

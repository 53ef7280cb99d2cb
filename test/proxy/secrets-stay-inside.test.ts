import { describe, expect, test } from 'vitest';
import type { Fault } from '../servers/fake-s3-faults.ts';
import { FAKE_CREDENTIAL } from '../servers/fake-s3.ts';
import { findSecrets, useScene } from '../support/open-scene.ts';

const scene = useScene({
  accessLog: true,
  settings: { 'log.level': 'trace', 'timeouts.body_stall': '300ms' },
});

const { secretAccessKey, sessionToken = '' } = FAKE_CREDENTIAL;
const ECHO = { CanonicalRequest: sessionToken, StringToSign: `AWS4-HMAC-SHA256 ${secretAccessKey}` };

/** Everything of S3 that could carry a secret out: bodies, headers, statuses, broken heads. */
const LEAKS: readonly (readonly [string, Fault])[] = [
  ['the XML of a 403', { kind: 'status', status: 403, code: 'SignatureDoesNotMatch', details: ECHO }],
  ['the XML of a 400', { kind: 'status', status: 400, code: 'InvalidToken', details: ECHO }],
  ['the XML of a 500', { kind: 'status', status: 500, code: 'InternalError', details: ECHO }],
  ['the code of an error', { kind: 'status', status: 400, code: sessionToken }],
  [
    'a header of an error',
    {
      kind: 'status',
      status: 403,
      code: 'AccessDenied',
      headers: { 'x-amz-echo': sessionToken, 'x-amz-security-token': sessionToken, Server: secretAccessKey },
    },
  ],
  [
    'a redirect',
    {
      kind: 'redirect',
      status: 307,
      location: `https://s3.example/?X-Amz-Security-Token=${encodeURIComponent(sessionToken)}`,
    },
  ],
  [
    'a header of an object',
    {
      kind: 'headers',
      set: { 'x-amz-security-token': sessionToken, Authorization: 'AWS4-HMAC-SHA256 Signature=0123456789' },
    },
  ],
  ['a Content-Range', { kind: 'content-range', value: `bytes ${sessionToken}` }],
  ['a length', { kind: 'headers', set: { 'Content-Length': sessionToken } }],
  [
    'a reason phrase',
    { kind: 'raw', bytes: `HTTP/1.1 403 ${sessionToken}\r\nContent-Length: 0\r\n\r\n`, then: 'finish' },
  ],
  ['a broken status line', { kind: 'raw', bytes: `${sessionToken}\r\n\r\n`, then: 'finish' }],
  [
    'a broken header',
    { kind: 'raw', bytes: `HTTP/1.1 200 OK\r\n${sessionToken} \0: x\r\n\r\n`, then: 'finish' },
  ],
  [
    'a head that is too long',
    { kind: 'raw', bytes: `HTTP/1.1 200 OK\r\nA: ${sessionToken.repeat(200)}\r\n\r\n`, then: 'finish' },
  ],
  [
    'a chunk size',
    {
      kind: 'raw',
      bytes: `HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n${sessionToken}\r\n`,
      then: 'finish',
    },
  ],
];

describe('What S3 echoes reaches neither the client nor the log:', () => {
  test.each(LEAKS)('%s', async (_, fault) => {
    scene.s3.put('a', 'object');
    for (const method of ['GET', 'HEAD']) {
      scene.s3.inject(fault);
      const answer = await scene.ask('/a', { method, headers: { Range: 'bytes=0-1' } });
      expect(findSecrets(answer.rawHeaders.join('\n') + answer.text)).toEqual([]);
      const report = await scene.proxy.nextReport();
      expect(findSecrets(JSON.stringify(report) + JSON.stringify(scene.proxy.logLines))).toEqual([]);
    }
    // The token did go to S3, or this would prove nothing.
    expect(scene.s3.seen[0]!.header('x-amz-security-token')).toBe(sessionToken);
  });
});

test('A body that S3 sends is not ours to read: only the object itself may hold anything.', async () => {
  scene.s3.put('a', sessionToken);
  expect((await scene.ask('/a')).text).toBe(sessionToken);
});

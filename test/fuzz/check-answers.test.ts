import { describe, expect, test } from 'vitest';
import { virtualBytes } from '../servers/fake-s3-virtual-bytes.ts';
import type { FuzzedObject } from './check-answer.ts';
import { checkAnswers, type Received } from './check-answers.ts';
import { readRequests } from './read-requests.ts';

// The fuzz finds nothing that this does not see.

const OBJECT: FuzzedObject = { key: 'key', etag: '"key"', size: 1000, base: 4096 };
const GET = 'GET /key HTTP/1.1\r\nHost: localhost\r\n\r\n';
const PART = 'GET /key HTTP/1.1\r\nHost: localhost\r\nRange: bytes=10-19\r\n\r\n';
const HEAD = 'HEAD /key HTTP/1.1\r\nHost: localhost\r\n\r\n';
const ABSOLUTE = 'GET http://localhost/key HTTP/1.1\r\nHost: localhost\r\n\r\n';

const OLD = 'GET /key HTTP/1.0\r\nConnection: keep-alive\r\n\r\n';
const LAST = Buffer.from('HTTP/1.1 304 Not Modified\r\nETag: "key"\r\nConnection: close\r\n\r\n');

interface Answer {
  readonly head?: string;
  readonly lines?: readonly string[];
  readonly body?: Buffer;
}

/** The right answer to `GET`, unless said otherwise. */
function answer({
  head = '200 OK',
  lines = [],
  body = virtualBytes(OBJECT.base, OBJECT.size),
}: Answer = {}): Buffer {
  const all = [
    `HTTP/1.1 ${head}`,
    `ETag: ${OBJECT.etag}`,
    `Content-Length: ${body.length}`,
    ...lines,
    '',
    '',
  ];
  return Buffer.concat([Buffer.from(all.join('\r\n')), body]);
}

function part(first = 10, base = OBJECT.base): Buffer {
  const lines = [`Content-Range: bytes ${first}-${first + 9}/${OBJECT.size}`];
  return answer({ head: '206 Partial Content', lines, body: virtualBytes(base + first, 10) });
}

const HEAD_ANSWER = withoutBody(answer());
const REFUSAL = errorOf('400 Bad Request', 'BadRequest', 'close');

function errorOf(head: string, code: string, connection = 'keep-alive'): Buffer {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>No.</Message><RequestId>1-a</RequestId></Error>\n`;
  return Buffer.from(
    `HTTP/1.1 ${head}\r\nConnection: ${connection}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
}

function withoutBody(bytes: Buffer): Buffer {
  return bytes.subarray(0, bytes.indexOf('\r\n\r\n') + 4);
}

function check(sent: string, answers: readonly Buffer[], closedBy?: Received['closedBy']): number {
  return checkAnswers({ bytes: Buffer.concat(answers), closedBy }, readRequests(sent), OBJECT);
}

describe('Right is', () => {
  test.each([
    ['one answer to each request', GET + PART + HEAD + GET, [answer(), part(), HEAD_ANSWER, answer()], 4],
    ['an answer that has not come', GET + GET, [answer()], 1],
    ['half an answer to a client that leaves', GET, [answer().subarray(0, 300)], 0],
    ['a last answer to HTTP/1.0', OLD + GET, [LAST], 2, 'fin'],
    ['half an answer before a RST', GET + GET, [answer(), answer().subarray(0, 300)], 1, 'reset'],
    ['a refusal behind the answers', `${GET}nonsense\r\n\r\n`, [answer(), REFUSAL], 1, 'fin'],
    ['a refusal of what could be a HEAD', 'HEAD \0', [withoutBody(REFUSAL)], 0, 'fin'],
    ['an answer, or none, to what may be a request', GET + ABSOLUTE, [answer(), answer()], 1],
    [
      'answers without bodies where a HEAD may be among them',
      ABSOLUTE + HEAD + GET,
      [answer(), HEAD_ANSWER, answer()],
      0,
    ],
  ] as const)('%s', (_, sent, answers, count, closedBy?: Received['closedBy']) => {
    expect(check(sent, answers, closedBy)).toBe(count);
  });
});

describe('Wrong is', () => {
  test.each([
    ['an answer too many', GET, [answer(), answer()], /belong to no answer/],
    ['an answer behind a last one', OLD + GET, [LAST, answer()], /belong to no answer/],
    ['half an answer too many', GET, [answer(), answer().subarray(0, 300)], /belong to no answer/, 'reset'],
    ['bytes behind an answer', GET, [answer(), Buffer.from('x')], /belong to no answer/],
    [
      'half an answer before a FIN',
      GET + GET,
      [answer(), answer().subarray(0, 300)],
      /belong to no answer/,
      'fin',
    ],
    ['the bytes of another place', PART, [part(11)], /answered with bytes 11-20/],
    ['the bytes of another object', PART, [part(10, 0)], /wrong bytes/],
    ['another object', GET, [answer({ lines: [] }).fill('"kez"', 23, 28)], /in place of "key"/],
    ['a 206 without a range', GET, [answer({ head: '206 Partial Content' })], /with no range/],
    [
      'fewer bytes than the range has',
      PART,
      [
        answer({
          head: '206 Partial Content',
          lines: ['Content-Range: bytes 10-19/1000'],
          body: virtualBytes(OBJECT.base + 10, 9),
        }),
      ],
      /9 bytes for/,
    ],
    ['a 5xx', GET, [errorOf('502 Bad Gateway', 'BadGateway')], /nobody caused/],
    ['a header of S3', GET, [answer({ lines: ['x-amz-request-id: 1'] })], /header of S3/],
    ['a header that a client wrote', GET, [answer({ lines: ['X: a\rb'] })], /header that is none/],
    [
      'an error that is S3’s',
      GET,
      [answer({ head: '404 Not Found', body: Buffer.from('<Error/>') })],
      /not ours/,
    ],
    ['an object for another method', GET.replace('GET', 'PUT'), [answer()], /a PUT was answered/],
    [
      'an object for two ranges',
      PART.replace('\r\n\r\n', '\r\nRange: bytes=1-2\r\n\r\n'),
      [part()],
      /came twice/,
    ],
    [
      'an object for what must be refused',
      'GET /key HTTP/1.1\nHost: localhost\n\n',
      [answer()],
      /must be refused/,
    ],
    [
      'a refusal that keeps the connection',
      'nonsense\r\n\r\n',
      [errorOf('400 Bad Request', 'BadRequest')],
      /must be refused/,
    ],
    [
      'wrong bytes where requests can be read in two ways',
      ABSOLUTE,
      [answer({ body: virtualBytes(0, 1000) })],
      /wrong bytes/,
    ],
    [
      'S3’s words where requests can be read in two ways',
      ABSOLUTE,
      [answer({ head: '403 Forbidden', body: Buffer.from('<Error/>') })],
      /not ours/,
    ],
  ] as const)('%s', (_, sent, answers, mistake, closedBy?: Received['closedBy']) => {
    expect(() => check(sent, answers, closedBy)).toThrow(mistake);
  });
});

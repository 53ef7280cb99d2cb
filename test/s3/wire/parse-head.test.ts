import { describe, expect, test } from 'vitest';
import { CHUNKED, parseHead, UNTIL_CLOSE } from '../../../src/s3/wire/parse-head.ts';

const OK = 'HTTP/1.1 200 OK\r\n';

function codeOf(text: string, isAnswerToHead = false): string | undefined {
  try {
    parseHead(text, isAnswerToHead);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}

describe('a status line', () => {
  test.each([
    ['HTTP/1.1 200 OK', 200],
    ['HTTP/1.0 404 Not Found', 404],
    ['HTTP/1.1 206 ', 206],
    ['HTTP/1.1 206', 206],
    ['HTTP/1.1 599 \xe9\t!', 599],
  ])('%j is read', (line, statusCode) => {
    expect(parseHead(`${line}\r\n`, false)).toMatchObject({ statusCode, headers: [] });
  });

  test.each([
    '',
    'HTTP/1.1',
    'HTTP/1.1 20 OK',
    'HTTP/1.1 2000 OK',
    'HTTP/1.1 099 OK',
    'HTTP/1.1 600 OK',
    'HTTP/1.1  200 OK',
    'HTTP/1.1 200OK',
    'HTTP/1.2 200 OK',
    'HTTP/2.0 200 OK',
    'HTTP/2 200',
    'http/1.1 200 OK',
    ' HTTP/1.1 200 OK',
    '\r\nHTTP/1.1 200 OK',
    'HTTP/1.1 200 O\rK',
    'HTTP/1.1 200 O\nK',
    'HTTP/1.1 200 O\0K',
    'HTTP/1.1\t200 OK',
    'ICY 200 OK',
    '<html>',
  ])('%j is refused', (line) => {
    expect(codeOf(`${line}\r\n`)).toBe('WIRE_BAD_STATUS_LINE');
  });
});

describe('a field line', () => {
  test('loses the spaces around its value and nothing else', () => {
    const lines =
      'A:b\r\na:  b  c  \r\nEmpty:\r\nEmpty2:   \r\nx-y_z!#$%&\'*+.^`|~9: "\xff", \x80:\tend\r\nA: b\r\n';
    expect(parseHead(OK + lines, false).headers).toEqual([
      ...['A', 'b', 'a', 'b  c', 'Empty', '', 'Empty2', ''],
      ...["x-y_z!#$%&'*+.^`|~9", '"\xff", \x80:\tend', 'A', 'b'],
    ]);
  });

  test.each([
    'no colon',
    ': no name',
    'a b: c',
    'a : c',
    ' folded: line',
    '\tfolded',
    'a: b\rc',
    'a: b\nc: d',
    'a: \0',
    'a: \x7f',
    'a: \x1b',
    'a\x80: b',
    'a(b): c',
    '',
  ])('%j is refused', (line) => {
    expect(codeOf(`${OK}ok: yes\r\n${line}\r\nmore: yes\r\n`)).toBe('WIRE_BAD_HEADER');
  });

  test('of hostile length is checked in linear time', () => {
    const hostile = [
      ' '.repeat(65_000),
      'a '.repeat(32_000),
      `a${' '.repeat(64_000)}`,
      'a:b\r\n'.repeat(13_000),
    ];
    const from = performance.now();
    for (const value of hostile) expect(codeOf(`${OK}x:${value}\x01\r\n`)).toBe('WIRE_BAD_HEADER');
    expect(performance.now() - from).toBeLessThan(500);
  });
});

describe('the body', () => {
  test.each([
    ['Content-Length: 0', 0],
    ['content-length: 000123', 123],
    ['Content-Length: 999999999999999', 999_999_999_999_999],
    ['Transfer-Encoding: chunked', CHUNKED],
    ['TRANSFER-ENCODING: Chunked', CHUNKED],
    ['ETag: "x"', UNTIL_CLOSE],
    ['X-Content-Length: 5', UNTIL_CLOSE],
  ])('is told by %j', (line, bodyLength) => {
    expect(parseHead(`${OK}${line}\r\n`, false)).toMatchObject({ bodyLength });
  });

  test.each([
    'Content-Length: 5\r\nContent-Length: 6',
    'Content-Length: 5\r\ncontent-length: 5',
    'Content-Length: 5, 5',
    'Content-Length: +5',
    'Content-Length: -5',
    'Content-Length: 0x5',
    'Content-Length: 5.0',
    'Content-Length: 1e3',
    'Content-Length: 5 5',
    'Content-Length:',
    'Content-Length: \t5',
    'Content-Length: 9999999999999999',
    'Content-Length: 5\r\nTransfer-Encoding: chunked',
    'Transfer-Encoding: chunked\r\nContent-Length: 5',
    'Transfer-Encoding: gzip',
    'Transfer-Encoding: identity',
    'Transfer-Encoding:',
    'Transfer-Encoding: gzip, chunked',
    'Transfer-Encoding: chunked, chunked',
    'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked',
    'Transfer-Encoding: chunked\t',
    'Transfer-Encoding: "chunked"',
  ])('is in doubt with %j', (lines) => {
    expect(codeOf(`${OK}${lines}\r\n`)).toBe('WIRE_BAD_FRAMING');
    expect(codeOf(`${OK}${lines}\r\n`, true)).toBe('WIRE_BAD_FRAMING');
  });

  test('does not come in chunks in HTTP/1.0', () => {
    expect(codeOf('HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n')).toBe('WIRE_BAD_FRAMING');
  });

  test('is never there after HEAD, or with a 304', () => {
    const lines = 'Content-Length: 5\r\n';
    expect(parseHead(OK + lines, true)).toMatchObject({ bodyLength: 0, keepsAlive: true });
    expect(parseHead(`HTTP/1.1 304 Not Modified\r\n${lines}`, false)).toMatchObject({ bodyLength: 0 });
  });

  test.each([100, 204])('cannot be with a %d', (statusCode) => {
    const line = `HTTP/1.1 ${statusCode} X\r\n`;
    expect(parseHead(line, false)).toMatchObject({ bodyLength: 0, keepsAlive: true });
    expect(parseHead(`${line}Content-Length: 0\r\n`, false)).toMatchObject({ bodyLength: 0 });
    expect(codeOf(`${line}Content-Length: 5\r\n`)).toBe('WIRE_BAD_FRAMING');
    expect(codeOf(`${line}Transfer-Encoding: chunked\r\n`)).toBe('WIRE_BAD_FRAMING');
  });
});

test.each([
  ['HTTP/1.1', 'Content-Length: 1', true],
  ['HTTP/1.1', 'Content-Length: 1\r\nConnection: keep-alive', true],
  ['HTTP/1.1', 'Content-Length: 1\r\nConnection: CLOSE', false],
  ['HTTP/1.1', 'Content-Length: 1\r\nConnection: x\r\nConnection: y, \tclose', false],
  ['HTTP/1.1', 'Content-Length: 1\r\nConnection: closed', true],
  ['HTTP/1.1', 'Transfer-Encoding: chunked', true],
  ['HTTP/1.1', 'ETag: "until close"', false],
  ['HTTP/1.0', 'Content-Length: 1\r\nConnection: keep-alive', false],
])('after %s with %j the connection is kept: %s', (version, lines, keepsAlive) => {
  expect(parseHead(`${version} 200 OK\r\n${lines}\r\n`, false)).toMatchObject({ keepsAlive });
});

import { describe, expect, test } from 'vitest';
import { readWithWire } from './read-with-wire.ts';

const CHUNKS = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';

function read(text: string, method = 'GET'): ReturnType<typeof readWithWire> {
  return readWithWire(method, [Buffer.from(text, 'latin1')]);
}

describe('wherever the bytes are cut in two', () => {
  test.each([
    ['a length', 'HTTP/1.1 200 OK\r\nETag: "x"\r\nContent-Length: 11\r\n\r\nhello world', 'hello world'],
    ['chunks', `${CHUNKS}5;a="b c"\r\nhello\r\n06\r\n world\r\n0\r\nx: y\r\n\r\n`, 'hello world'],
    ['the close', 'HTTP/1.1 200 OK\r\n\r\nhello world', 'hello world'],
    [
      'interim responses',
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 X\r\na: b\r\n\r\nHTTP/1.1 304 X\r\n\r\n',
      '',
    ],
  ])('a response with %s is the same', (_what, text, body) => {
    const bytes = Buffer.from(text, 'latin1');
    const whole = read(text);
    expect(whole).toMatchObject({ isComplete: true });
    expect(whole.body.toString()).toBe(body);
    for (let at = 1; at < bytes.length; at += 1) {
      expect(readWithWire('GET', [bytes.subarray(0, at), bytes.subarray(at)]), `${at}`).toEqual(whole);
    }
    expect(
      readWithWire(
        'GET',
        Array.from(bytes, (byte) => Buffer.of(byte)),
      ),
    ).toEqual(whole);
  });

  test.each([
    ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world'],
    ['chunks', `${CHUNKS}5\r\nhello\r\n6\r\n world\r\n0\r\nx: y\r\n\r\n`],
    ['no body', 'HTTP/1.1 204 No Content\r\n\r\n'],
  ])('what is cut off there never looks complete (%s)', (_what, text) => {
    for (let end = 0; end < text.length; end += 1)
      expect(read(text.slice(0, end)), `${end}`).toMatchObject({
        isComplete: false,
        error: 'WIRE_EARLY_CLOSE',
      });
  });
});

describe('bytes after the end are refused', () => {
  test.each([
    ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'],
    ['no body', 'HTTP/1.1 204 No Content\r\n\r\n'],
    ['chunks', `${CHUNKS}2\r\nok\r\n0\r\n\r\n`],
  ])('after %s', (_what, text) => {
    expect(read(`${text}\n`)).toMatchObject({ isComplete: false, error: 'WIRE_EXTRA_BYTES' });
  });

  test('after the head that answers HEAD', () => {
    const text = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n';
    expect(read(text, 'HEAD')).toMatchObject({ isComplete: true, body: Buffer.alloc(0) });
    expect(read(`${text}ok`, 'HEAD')).toMatchObject({ statusCode: undefined, error: 'WIRE_EXTRA_BYTES' });
  });

  test('but those of a chunked body that HEAD has none of are passed over, and the connection is given up', () => {
    const text = 'HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n';
    for (const bytes of [text, `${text}0\r\n\r\n`]) {
      expect(read(bytes, 'HEAD')).toMatchObject({ statusCode: 404, isComplete: true, body: Buffer.alloc(0) });
    }
  });

  test('in a later segment of the body', () => {
    const segments = ['HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab', 'cdX'].map((text) =>
      Buffer.from(text),
    );
    const outcome = readWithWire('GET', segments);
    expect(outcome).toMatchObject({ isComplete: false, error: 'WIRE_EXTRA_BYTES' });
    expect(outcome.body.toString()).toBe('ab');
  });
});

describe('chunks', () => {
  test.each([
    '5 \r\nhello\r\n0\r\n\r\n',
    ' 5\r\nhello\r\n0\r\n\r\n',
    '0x5\r\nhello\r\n0\r\n\r\n',
    '-5\r\nhello\r\n0\r\n\r\n',
    '5\nhello\r\n0\r\n\r\n',
    '5\rhello\r\n0\r\n\r\n',
    '\r\n5\r\nhello\r\n0\r\n\r\n',
    'g\r\nhello\r\n0\r\n\r\n',
    '5\r\nhelloo\r\n0\r\n\r\n',
    '5\r\nhello\n0\r\n\r\n',
    '5\r\nhello0\r\n\r\n',
    '5;\r\nhello\r\n0\r\n\r\n',
    '5;a="\r\nhello\r\n0\r\n\r\n',
    '5;a=\0\r\nhello\r\n0\r\n\r\n',
    '10000000000000\r\nhello',
    'fffffffffffffffffffff\r\nhello',
    '5\r\nhello\r\n0\r\nContent-Length: 5\r\n\r\n',
    '5\r\nhello\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n',
    `5;a=${'b'.repeat(5000)}\r\nhello\r\n0\r\n\r\n`,
    `5\r\nhello\r\n0\r\n${'a: b\r\n'.repeat(65)}\r\n`,
    `5\r\nhello\r\n0\r\n${'a'.repeat(5000)}: b\r\n\r\n`,
  ])('%j are refused', (text) => {
    expect(read(CHUNKS + text)).toMatchObject({ isComplete: false, error: 'WIRE_BAD_CHUNK' });
  });

  test.each([' folded\r\n', 'no colon\r\n', 'a: \0\r\n'])('with a trailer %j are refused', (line) => {
    expect(read(`${CHUNKS}0\r\n${line}\r\n`)).toMatchObject({ isComplete: false, error: 'WIRE_BAD_HEADER' });
  });

  test('tell no more than the chunks that came', () => {
    const outcome = read(`${CHUNKS}5\r\nhello\r\nzz\r\n`);
    expect(outcome.body.toString()).toBe('hello');
    expect(outcome).toMatchObject({ isComplete: false, error: 'WIRE_BAD_CHUNK' });
  });
});

describe('a head', () => {
  test('of 64 KiB is read, a longer one refused, with or without its end', () => {
    const fields = (bytes: number): string =>
      `HTTP/1.1 200 OK\r\nContent-Length: 0\r\na: ${'b'.repeat(bytes)}\r\n\r\n`;
    expect(read(fields(65_000))).toMatchObject({ isComplete: true });
    expect(read(fields(66_000))).toMatchObject({ error: 'WIRE_HEAD_TOO_LARGE' });
    expect(read('HTTP/1.1 200 OK\r\na: '.padEnd(66_000, 'b'))).toMatchObject({
      error: 'WIRE_HEAD_TOO_LARGE',
    });
  });

  test('with line feeds only is no head', () => {
    expect(read('HTTP/1.1 200 OK\nContent-Length: 2\n\nok')).toMatchObject({ error: 'WIRE_EARLY_CLOSE' });
  });
});

describe('interim responses', () => {
  const interim = 'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n';
  const last = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

  test('are passed over, up to eight', () => {
    expect(read(interim.repeat(8) + last)).toMatchObject({ statusCode: 200, isComplete: true });
    expect(read(interim.repeat(9) + last)).toMatchObject({ error: 'WIRE_BAD_STATUS_LINE' });
  });

  test.each([
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n',
    'HTTP/1.1 100 X\r\nConnection: close\r\n\r\n',
    'HTTP/1.0 100 X\r\n\r\n',
  ])('%j is refused', (text) => {
    expect(read(text + last)).toMatchObject({ statusCode: undefined, error: 'WIRE_BAD_STATUS_LINE' });
  });
});

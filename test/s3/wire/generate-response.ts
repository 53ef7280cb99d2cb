import type { Random } from './random.ts';

/** A stream of bytes that a server sends in answer to one request, and then closes the connection. */
export interface ResponseCase {
  readonly method: 'GET' | 'HEAD';
  readonly bytes: Buffer;
  /** What a right reader gets; undefined where the bytes were spoilt. */
  readonly truth: ResponseTruth | undefined;
}

export interface ResponseTruth {
  readonly statusCode: number;
  readonly headers: readonly string[];
  readonly body: Buffer;
}

/** A response, well-formed two times in five, else spoilt in one to three places. */
export function generateCase(random: Random): ResponseCase {
  const method = random.oneIn(8) ? 'HEAD' : 'GET';
  const valid = generateValid(random, method);
  if (random.below(5) < 2) return { method, ...valid };
  let { bytes } = valid;
  for (let count = 1 + random.below(3); count > 0; count -= 1) bytes = spoil(bytes, random);
  return { method, bytes, truth: undefined };
}

/** The bytes in pieces: whole, one by one, or cut at random. */
export function split(bytes: Buffer, random: Random): Buffer[] {
  const largest = random.pick([1, 2, 7, 50, 400, 100_000, 100_000]);
  const segments: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(bytes.length, at + 1 + random.below(largest));
    segments.push(bytes.subarray(at, end));
    at = end;
  }
  return segments;
}

const BODYLESS = [204, 304];

function generateValid(random: Random, method: string): { bytes: Buffer; truth: ResponseTruth } {
  const statusCode = random.pick([200, 200, 206, 206, 204, 304, 301, 400, 403, 404, 416, 500, 503, 599]);
  const isOld = random.oneIn(12);
  const hasBody = method === 'GET' && !BODYLESS.includes(statusCode);
  const framing = random.pick(
    isOld ? ['length', 'close'] : ['length', 'length', 'length', 'chunked', 'close'],
  );
  const body = generateBody(random);
  const headers = generateHeaders(random);
  const insert = (name: string, value: string): unknown =>
    headers.splice(2 * random.below(headers.length / 2 + 1), 0, name, value);
  if (framing === 'length' && statusCode !== 204)
    insert(respell('Content-Length', random), String(body.length));
  if (framing === 'chunked' && statusCode !== 204)
    insert(respell('Transfer-Encoding', random), respell('chunked', random));
  if (random.oneIn(3))
    insert(
      respell('Connection', random),
      random.pick(['close', 'keep-alive', 'Close', 'x, close', 'keep-alive, x']),
    );
  const head = formatHead(`HTTP/1.${isOld ? 0 : 1} ${statusCode}`, headers, random);
  const sent = hasBody ? (framing === 'chunked' ? formatChunks(body, random) : body) : Buffer.alloc(0);
  return {
    bytes: Buffer.concat([...generateInterim(random, isOld), head, sent]),
    truth: { statusCode, headers, body: hasBody ? body : Buffer.alloc(0) },
  };
}

function generateInterim(random: Random, isOld: boolean): Buffer[] {
  if (isOld || !random.oneIn(8)) return [];
  return Array.from({ length: 1 + random.below(3) }, () =>
    formatHead(`HTTP/1.1 ${random.pick([100, 102, 103])}`, generateHeaders(random).slice(0, 4), random),
  );
}

function formatHead(start: string, headers: readonly string[], random: Random): Buffer {
  let text = start + random.pick([' OK', ' Partial Content', ' ', ' no "good" \xe9', ' \t']) + '\r\n';
  for (let index = 0; index < headers.length; index += 2) {
    // The strict reader takes no tabs around what frames a body.
    const isFraming = /^(?:content-length|transfer-encoding)$/i.test(headers[index] ?? '');
    const before = random.pick(isFraming ? ['', ' ', '  '] : ['', ' ', ' ', ' ', '\t', '  \t ']);
    const after = random.pick(isFraming ? ['', ' '] : ['', '', '', ' ', '\t  ']);
    text += `${headers[index] ?? ''}:${before}${headers[index + 1] ?? ''}${after}\r\n`;
  }
  return Buffer.from(`${text}\r\n`, 'latin1');
}

function generateHeaders(random: Random): string[] {
  const headers: string[] = [];
  for (let count = random.below(7); count > 0; count -= 1) {
    const name = random.pick([
      'ETag',
      'Date',
      'x-amz-id-2',
      "a!#$%&'*+-.^_`|~9",
      'Server',
      'Content-Type',
      'Set-Cookie',
    ]);
    const value = random.pick([
      '"abc"',
      '',
      'Wed, 12 Oct 2022 17:50:00 GMT',
      'a: b',
      '\xe9\xff z',
      'x\ty',
      ',',
      'AmazonS3',
    ]);
    headers.push(name, value);
  }
  return headers;
}

function generateBody(random: Random): Buffer {
  const length = random.oneIn(60) ? random.below(150_000) : random.oneIn(5) ? 0 : random.below(300);
  if (random.oneIn(4))
    return Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n0\r\n\r\n'.repeat(9).slice(0, length));
  const body = Buffer.alloc(length);
  for (let index = 0; index < Math.min(length, 2000); index += 1) body[index] = random.below(256);
  return body;
}

function formatChunks(body: Buffer, random: Random): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length;) {
    const end = Math.min(body.length, at + 1 + random.below(random.pick([3, 100, 70_000])));
    parts.push(
      Buffer.from(`${formatSize(end - at, random)}\r\n`),
      body.subarray(at, end),
      Buffer.from('\r\n'),
    );
    at = end;
  }
  const trailers = random.oneIn(4) ? random.pick(['x-checksum: abc\r\n', 'a:\r\nb: c\r\n']) : '';
  return Buffer.concat([...parts, Buffer.from(`${formatSize(0, random)}\r\n${trailers}\r\n`)]);
}

function formatSize(size: number, random: Random): string {
  const digits = random.pick(['', '', '', '0', '000']) + size.toString(16);
  return (
    respell(digits, random) +
    random.pick(['', '', '', '', ';a', ';a=b', ';a="b c";d=e', ';chunk-signature=0f'])
  );
}

function respell(text: string, random: Random): string {
  return random.pick([text, text, text.toLowerCase(), text.toUpperCase()]);
}

const NASTY_BYTES = [
  '\r',
  '\n',
  '\r\n',
  '\0',
  ' ',
  '\t',
  ':',
  ';',
  ',',
  '"',
  '0',
  '9',
  'a',
  'g',
  '\x7f',
  '\x80',
  '\xff',
  '\x0b',
];
const NASTY_LINES = [
  'Content-Length: 5',
  'Content-Length: 0',
  'content-length: +5',
  'Content-Length: 5, 5',
  'Content-Length: 5 5',
  'Content-Length: 0x5',
  'Content-Length: -1',
  'Content-Length:',
  'Content-Length: 99999999999999999999',
  'Content-Length : 5',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: identity',
  'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding: chunked, chunked',
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding : chunked',
  'Transfer-Encoding:\x0bchunked',
  ' folded',
  '\tfolded',
  'no colon',
  ': no name',
  'Connection: close',
  'Upgrade: websocket',
  'HTTP/1.1 200 OK',
];

function spoil(bytes: Buffer, random: Random): Buffer {
  const headEnd = bytes.indexOf('\r\n\r\n') + 4;
  // Most of what can go wrong is in the head or in the lines of chunks.
  const at = random.below(random.oneIn(3) ? bytes.length + 1 : Math.min(bytes.length, headEnd + 20) + 1);
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  const join = (...parts: (Buffer | string)[]): Buffer =>
    Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)));
  switch (random.below(9)) {
    case 0:
      return join(before, random.pick(NASTY_BYTES), after);
    case 1:
      return join(before, random.pick(NASTY_BYTES), after.subarray(1));
    case 2:
      return join(before, after.subarray(1 + random.below(3)));
    case 3:
      return before;
    case 4:
      return join(
        bytes,
        random.pick(['\r\n', 'x', '\0', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx', '0\r\n\r\n']),
      );
    case 5:
      return join(before, after.subarray(0, random.below(40)), after);
    case 6: {
      const lineEnd = bytes.indexOf('\r\n', random.below(Math.max(1, headEnd)));
      if (lineEnd === -1) return before;
      return join(
        bytes.subarray(0, lineEnd + 2),
        `${random.pick(NASTY_LINES)}\r\n`,
        bytes.subarray(lineEnd + 2),
      );
    }
    case 7:
      return Buffer.from(
        bytes
          .toString('latin1')
          .replace(
            random.pick(['\r\n', '\r', '\n', '\r\n\r\n', ': ', ' ']),
            random.pick(['\n', '\r', ' ', '', '\r\n']),
          ),
        'latin1',
      );
    default:
      return Buffer.from(
        bytes.toString('latin1').replace(/\d/, () => String(random.below(10))),
        'latin1',
      );
  }
}

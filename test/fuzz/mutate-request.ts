import type { Random } from './random.ts';

/** Changes a request a little; all strings are latin1. */
type Mutation = (text: string, random: Random) => string;

/** What parsers stumble over. */
const TOKENS: readonly string[] = [
  ...['\r\n', '\n', '\r', '\r\n\r\n', '\n\n', '\r\r\n', '\r\n ', '\r\n\t', ' ', '\t', '\0', '\x0b', '\x7f'],
  ...[
    '\x80',
    '\xff',
    '\xc3\xa9',
    ':',
    ': ',
    ' :',
    ';',
    ',',
    '"',
    '\\',
    '%',
    '%2',
    '%00',
    '%0d%0a',
    '%2F',
    '%2e',
  ],
  ...[
    '%2e%2e%2f',
    '/../',
    '/./',
    '//',
    '?',
    '#',
    '*',
    '&',
    '=',
    '+',
    '..',
    '~',
    '@',
    '[',
    '{',
    '|',
    '^',
    '`',
    '<',
  ],
  ...[
    'HTTP/1.1',
    'HTTP/1.0',
    'HTTP/0.9',
    'HTTP/2.0',
    'HTTP/11',
    'http/1.1',
    'HTTP/1.',
    'GET ',
    'HEAD ',
    'POST ',
  ],
  ...['CONNECT ', 'OPTIONS ', 'TRACE ', 'QUERY ', '0', '-1', '00', '0x10', '+5', '1e3', '4294967296'],
  ...['18446744073709551616', 'bytes=', 'bytes=0-', 'bytes=-0', 'bytes=9-1', 'bytes=0-0,-1', 'items=0-1'],
  ...[
    '?acl',
    '?list-type=2',
    '?versionId=',
    '?partNumber=1',
    '?uploadId=a',
    '?response-expires=',
    '?X-Amz-Date=1',
  ],
  ...[
    'chunked',
    'identity',
    'gzip, chunked',
    'close',
    'keep-alive',
    'upgrade',
    '0\r\n\r\n',
    '5\r\nhello\r\n',
  ],
];

const HEADER_LINES: readonly string[] = [
  ...[
    'Content-Length: 0',
    'Content-Length: 5',
    'Content-Length: 0, 0',
    'Content-Length: 99999999999999999999',
  ],
  ...['Content-Length:\t0\t', 'Content-Length : 0', 'Content_Length: 5', 'Transfer-Encoding: chunked'],
  ...[
    'Transfer-Encoding: identity',
    'Transfer-Encoding: gzip',
    'Transfer-Encoding : chunked',
    'TE: trailers',
  ],
  ...['Transfer-Encoding:', 'Transfer_Encoding: chunked', 'Host: localhost', 'Host: evil.example', 'Host:'],
  ...[
    'Host: localhost:99999',
    'Host: [::1]',
    'Connection: close',
    'Connection: keep-alive',
    'Connection: Host',
  ],
  ...['Connection: close, keep-alive', 'Connection: upgrade', 'Upgrade: websocket', 'Expect: 100-continue'],
  ...['Range: bytes=0-0', 'Range: bytes=a-b', 'Range:', 'If-Range: "x"', 'If-Match: *', 'If-None-Match: *'],
  ...[
    'If-None-Match: "a", "b"',
    'If-Modified-Since: yesterday',
    'If-Unmodified-Since: Sat, 01 Jan 2000 00:00:00 GMT',
  ],
  ...[
    'X-Amz-Security-Token: theirs',
    'Authorization: AWS4-HMAC-SHA256 Credential=a',
    'X-Amz-Acl: public-read',
  ],
  ...[
    'X-Amz-Copy-Source: /a/b',
    'X-HTTP-Method-Override: DELETE',
    'Proxy-Connection: close',
    'Trailer: Host',
  ],
  ...[
    'X-Forwarded-For: 192.0.2.1',
    'Cookie: a=b',
    ' folded: x',
    '\tfolded: x',
    ': nameless',
    'nocolon',
    'X: \xe9',
  ],
];

const MUTATIONS: readonly Mutation[] = [
  (text, random) => replaceAt(text, random, String.fromCharCode(random.below(256))),
  (text, random) => replaceAt(text, random, flipBit(text, random)),
  (text, random) => insertAt(text, random, String.fromCharCode(random.below(256))),
  (text, random) => replaceAt(text, random, ''),
  (text, random) => insertAt(text, random, random.pick(TOKENS)),
  (text, random) => insertAt(text, random, random.pick(TOKENS)),
  (text, random) => replaceSlice(text, random, ''),
  (text, random) => replaceSlice(text, random, random.pick(TOKENS)),
  (text, random) => repeatSlice(text, random, 2),
  (text, random) => repeatSlice(text, random, 2 + random.below(200)),
  (text, random) => text.slice(0, random.below(text.length)),
  (text, random) => insertLine(text, random, random.pick(HEADER_LINES)),
  (text, random) => insertLine(text, random, random.pick(HEADER_LINES)),
  (text, random) => insertLine(text, random, random.pick(HEADER_LINES)),
  (text, random) => insertLine(text, random, `X-Long: ${'x'.repeat(random.pick([100, 5000, 70_000]))}`),
  (text, random) => changeLine(text, random, (line) => line + line),
  (text, random) => changeLine(text, random, (line) => `${line}\r\n${line}`),
  (text, random) => changeLine(text, random, () => ''),
  (text, random) => changeLine(text, random, (line) => swapCase(line)),
  (text, random) =>
    changeLine(text, random, (line) => line.replace(':', random.pick([' :', '', '::', ':\t', ':\0']))),
  (text, random) =>
    changeLine(text, random, (line) => line.replace(/ /, random.pick(['  ', '\t', '\x0b', '', '\xa0']))),
  (text, random) => changeLine(text, random, (line) => line.split('').toReversed().join('')),
  (text, random) =>
    replaceLineEnd(text, random, random.pick(['\n', '\r', '\r\r\n', '\n\r', '\r\n\r\n', '', '\0\r\n'])),
  (text, random) => text.replaceAll('\r\n', random.pick(['\n', '\r', '\r\n '])),
  (text, random) => text + random.pick(TOKENS),
  (text, random) => random.pick(TOKENS) + text,
];

/** Changes a request in one to four ways. */
export function mutateRequest(text: string, random: Random): string {
  let mutated = text;
  do mutated = random.pick(MUTATIONS)(mutated === '' ? '\r\n' : mutated, random);
  while (random.chance(0.35));
  return mutated;
}

/** Bytes that are no request, though some look a little like one. */
export function makeNoise(random: Random): string {
  const length = 1 + random.below(random.pick([8, 80, 800, 8000]));
  if (random.chance(0.5)) return random.bytes(length);
  const pieces = Array.from({ length: 1 + random.below(20) }, () => random.pick(TOKENS));
  return pieces.join('').slice(0, length);
}

function insertAt(text: string, random: Random, inserted: string): string {
  const at = random.below(text.length + 1);
  return text.slice(0, at) + inserted + text.slice(at);
}

function replaceAt(text: string, random: Random, replacement: string): string {
  const at = random.below(text.length);
  return text.slice(0, at) + replacement + text.slice(at + 1);
}

function flipBit(text: string, random: Random): string {
  return String.fromCharCode(text.charCodeAt(random.below(text.length)) ^ (1 << random.below(8)));
}

function replaceSlice(text: string, random: Random, replacement: string): string {
  const at = random.below(text.length);
  return text.slice(0, at) + replacement + text.slice(at + 1 + random.below(20));
}

function repeatSlice(text: string, random: Random, times: number): string {
  const at = random.below(text.length);
  const end = at + 1 + random.below(20);
  return text.slice(0, at) + text.slice(at, end).repeat(times) + text.slice(end);
}

function insertLine(text: string, random: Random, line: string): string {
  const lines = text.split('\r\n');
  lines.splice(1 + random.below(Math.max(1, lines.length - 2)), 0, line);
  return lines.join('\r\n');
}

function changeLine(text: string, random: Random, change: (line: string) => string): string {
  const lines = text.split('\r\n');
  const at = random.below(Math.max(1, lines.length - 2));
  lines[at] = change(lines[at] ?? '');
  return lines.join('\r\n');
}

function replaceLineEnd(text: string, random: Random, end: string): string {
  const lines = text.split('\r\n');
  const at = random.below(lines.length);
  return [lines.slice(0, at).join('\r\n'), lines.slice(at).join('\r\n')].join(end);
}

function swapCase(text: string): string {
  return text === text.toLowerCase() ? text.toUpperCase() : text.toLowerCase();
}

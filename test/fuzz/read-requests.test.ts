import { describe, expect, test } from 'vitest';
import { Random } from './random.ts';
import { readRequests } from './read-requests.ts';
import { GOOD_REQUESTS, SMUGGLING_REQUESTS } from './request-seeds.ts';

// The fuzz holds the daemon against this reader, so the reader itself must be right.

const LANE = { key: 'key', etag: '"etag"', size: 10_000 };
const GET = 'GET /key HTTP/1.1\r\nHost: localhost\r\n\r\n';

test('Each good request is one request, and nothing is left.', () => {
  for (const write of GOOD_REQUESTS) {
    const text = write(LANE, new Random(1));
    const reading = readRequests(text);
    expect(reading).toMatchObject({ requests: [{}], endsAt: text.length });
    expect(['nothing', 'closed']).toContain(reading.end);
  }
});

test('No request is found in what another one carries, or behind what must be refused.', () => {
  const found = SMUGGLING_REQUESTS.map((write) => readRequests(write(LANE, new Random(1))).requests);
  // But for the one behind empty lines, which is a request.
  expect(found.filter((requests) => requests.length > 0)).toMatchObject([
    [{ target: '/key', range: undefined }],
  ]);
});

describe('A connection reads as', () => {
  test.each([
    ['two requests', GET + GET, 2, 'nothing'],
    ['a request and half of one', GET + GET.slice(0, 30), 1, 'unfinished'],
    ['a request and noise', `${GET}\0\r\n\r\n`, 1, 'refused'],
    ['a last request', GET.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'), 1, 'closed'],
    ['a last request and more', GET.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n') + GET, 1, 'ignored'],
    ['a request that ends in LF alone', GET.replaceAll('\r\n', '\n') + GET, 0, 'refused'],
    ['a request without a version', GET.replace(' HTTP/1.1', '') + GET, 0, 'refused'],
    [
      'a white space that is none of HTTP',
      GET.replace('\r\n\r\n', '\r\nConnection:\xa0close\r\n\r\n') + GET,
      2,
      'nothing',
    ],
    ['a target that is no path', GET.replace('/', 'http://a/') + GET, 0, 'unsure'],
    ['a head of 30 KiB', GET.replace('\r\n\r\n', `\r\nX: ${'x'.repeat(30_000)}\r\n\r\n`), 0, 'refused'],
  ] as const)('%s', (_, text, count, end) => {
    const reading = readRequests(text);
    expect([reading.requests.length, reading.end]).toEqual([count, end]);
  });
});

import { expect, test } from 'vitest';
import {
  pickErrorHeaders,
  pickNotModifiedHeaders,
  pickObjectHeaders,
} from '../../src/response/response-headers.ts';

const ALL = [
  ['x-amz-id-2', 'id'],
  ['DATE', 'd'],
  ['last-modified', 'lm'],
  ['etag', '"e"'],
  ['cache-control', 'cc'],
  ['expires', 'ex'],
  ['accept-ranges', 'bytes'],
  ['content-type', 'ct'],
  ['content-range', 'cr'],
  ['content-length', '10'],
  ['content-encoding', 'gzip'],
  ['content-disposition', 'cd'],
  ['content-language', 'cl'],
  ['retry-after', '7'],
  ['transfer-encoding', 'chunked'],
  ['connection', 'close'],
  ['server', 'AmazonS3'],
].flat();

function names(picked: readonly string[]): string[] {
  return picked.filter((_, index) => index % 2 === 0);
}

test('An object has what is named, in the order of S3 and in the usual spelling; the length is said elsewhere', () => {
  expect(names(pickObjectHeaders(206, ALL))).toEqual([
    'Date',
    'Last-Modified',
    'ETag',
    'Cache-Control',
    'Expires',
    'Accept-Ranges',
    'Content-Type',
    'Content-Range',
    'Content-Encoding',
    'Content-Disposition',
    'Content-Language',
  ]);
});

test('A 304 and an error have less', () => {
  expect(names(pickNotModifiedHeaders(ALL))).toEqual([
    'Date',
    'Last-Modified',
    'ETag',
    'Cache-Control',
    'Expires',
  ]);
  expect(names(pickErrorHeaders(ALL))).toEqual(['Date', 'Content-Range', 'Retry-After']);
});

test('A header without a value is none', () => {
  expect(pickObjectHeaders(200, ['Content-Encoding', '', 'Cache-Control', '', 'ETag', '"e"'])).toEqual([
    'ETag',
    '"e"',
  ]);
});

test('A whole object never says that it is a part.', () => {
  expect(pickObjectHeaders(200, ['Content-Range', 'bytes 0-3/4', 'ETag', '"e"'])).toEqual(['ETag', '"e"']);
});

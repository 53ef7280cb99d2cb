import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isAskedRange, parseAskedRange, parseSentRange } from '../../src/s3/byte-range.ts';

describe('parseAskedRange', () => {
  test.each([
    ['bytes=0-0', { first: 0, last: 0 }],
    ['bytes=5-9', { first: 5, last: 9 }],
    ['bytes=5-', { first: 5, last: Infinity }],
    ['bytes=-5', { suffix: 5 }],
    ['bytes=-0', { suffix: 0 }],
    ['BYTES=5-9', { first: 5, last: 9 }],
    ['bytes= 5-9 ', { first: 5, last: 9 }],
    ['bytes=4294967296-8589934592', { first: 4_294_967_296, last: 8_589_934_592 }],
    ['bytes=999999999999999-', { first: 999_999_999_999_999, last: Infinity }],
  ])('%s', (text, range) => expect(parseAskedRange(text)).toEqual(range));

  test.each([
    '',
    'bytes',
    'bytes=',
    'bytes=-',
    'bytes=9-5',
    'bytes=0-1,3-4',
    'bytes=0-1,',
    'bytes=a-b',
    'bytes=1.5-2',
    'bytes=+1-2',
    'bytes=1-2-3',
    'bytes 0-1',
    'items=0-1',
    'bytes=9999999999999999-',
    'bytes=0-9999999999999999',
    'bytes=0-1\n',
    ' bytes=0-1',
  ])('%j is no single range', (text) => expect(parseAskedRange(text)).toBeUndefined());
});

describe('parseSentRange', () => {
  test.each([
    ['bytes 0-0/1', { first: 0, last: 0, total: 1 }],
    ['bytes 5-9/10', { first: 5, last: 9, total: 10 }],
    ['Bytes 0-4294967295/4294967296', { first: 0, last: 4_294_967_295, total: 4_294_967_296 }],
  ])('%s', (text, range) => expect(parseSentRange(text)).toEqual(range));

  test.each([
    '',
    'bytes */10',
    'bytes 0-1/*',
    'bytes 5-2/10',
    'bytes 0-10/10',
    'bytes 0-0/0',
    'bytes=0-1/10',
    'bytes 0-1',
    'items 0-1/10',
    'bytes -1/10',
    'bytes 0-1/10, bytes 2-3/10',
    'bytes 0-1/9999999999999999',
  ])('%j is none', (text) => expect(parseSentRange(text)).toBeUndefined());
});

test('What S3 answers to a range is the range that was asked for, and nothing else is', () => {
  const size = fc.integer({ min: 1, max: 2 ** 46 });
  const asked = fc.oneof(
    fc.tuple(fc.nat(2 ** 30), fc.nat(2 ** 30)).map(([first, more]) => ({ first, last: first + more })),
    fc.nat(2 ** 30).map((first) => ({ first, last: Infinity })),
    fc.integer({ min: 1, max: 2 ** 30 }).map((suffix) => ({ suffix })),
  );
  fc.assert(
    fc.property(
      size,
      asked,
      fc.integer({ min: -3, max: 3 }),
      fc.integer({ min: -3, max: 3 }),
      (total, range, a, b) => {
        const first = 'suffix' in range ? Math.max(0, total - range.suffix) : range.first;
        const last = 'suffix' in range ? total - 1 : Math.min(range.last, total - 1);
        fc.pre(first < total && first + a >= 0);
        expect(isAskedRange({ first, last, total }, range)).toBe(true);
        expect(isAskedRange({ first: first + a, last: last + b, total }, range)).toBe(a === 0 && b === 0);
      },
    ),
    { numRuns: 2_000 },
  );
});

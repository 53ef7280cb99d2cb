import { describe, expect, test } from 'vitest';
import { checkHead, type Question } from '../../src/s3/check-head.ts';

const WHOLE: Question = { method: 'GET', range: undefined, hasPartNumber: false };
const RANGE: Question = { ...WHOLE, range: 'bytes=2-5' };
const PART: Question = { ...WHOLE, hasPartNumber: true };
const SEVERAL: Question = { ...WHOLE, range: 'bytes=0-1,4-5' };

function check(statusCode: number, headers: Record<string, string>, question: Question): number | undefined {
  return checkHead({ statusCode, headers: Object.entries(headers).flat() }, question);
}

describe('The length of the body:', () => {
  test.each([
    ['a whole object', 200, { 'Content-Length': '10' }, WHOLE, 10],
    ['an empty object', 200, { 'Content-Length': '0' }, WHOLE, 0],
    ['5 TiB', 200, { 'content-length': '5497558138880' }, WHOLE, 5_497_558_138_880],
    ['in chunks', 200, { 'Transfer-Encoding': 'chunked' }, WHOLE, undefined],
    ['a HEAD without a length', 200, {}, { ...WHOLE, method: 'HEAD' } as const, undefined],
    ['a whole object for a range', 200, { 'Content-Length': '10' }, RANGE, 10],
    ['a range', 206, { 'Content-Length': '4', 'Content-Range': 'bytes 2-5/10' }, RANGE, 4],
    ['a range without a length', 206, { 'Content-Range': 'bytes 2-5/10' }, RANGE, 4],
    ['a range in chunks', 206, { 'Transfer-Encoding': 'chunked', 'Content-Range': 'bytes 2-5/10' }, RANGE, 4],
    ['a range cut by the end', 206, { 'Content-Length': '2', 'Content-Range': 'bytes 2-3/4' }, RANGE, 2],
    ['a part', 206, { 'Content-Length': '10', 'Content-Range': 'bytes 0-9/99' }, PART, 10],
    ['several ranges in one body', 206, { 'Content-Length': '200' }, SEVERAL, 200],
    ['one of several ranges', 206, { 'Content-Length': '2', 'Content-Range': 'bytes 4-5/10' }, SEVERAL, 2],
  ])('%s', (_, status, headers, question, promised) => {
    expect(check(status, headers as Record<string, string>, question)).toBe(promised);
  });
});

describe('What cannot be believed:', () => {
  test.each([
    ['no length and no chunks', 200, {}, WHOLE, 's3_bad_response'],
    ['a length that is none', 200, { 'Content-Length': 'ten' }, WHOLE, 's3_bad_response'],
    ['an empty length', 200, { 'Content-Length': '' }, WHOLE, 's3_bad_response'],
    ['a negative length', 200, { 'Content-Length': '-1' }, WHOLE, 's3_bad_response'],
    ['a length with a sign', 200, { 'Content-Length': '+1' }, WHOLE, 's3_bad_response'],
    [
      'a length beyond exact numbers',
      200,
      { 'Content-Length': '9007199254740993' },
      WHOLE,
      's3_bad_response',
    ],
    [
      'a part of the object that nobody asked for',
      206,
      { 'Content-Range': 'bytes 2-5/10' },
      WHOLE,
      's3_wrong_range',
    ],
    ['a 206 of no range', 206, { 'Content-Length': '4' }, RANGE, 's3_wrong_range'],
    ['a 206 of no range for a part', 206, { 'Content-Length': '4' }, PART, 's3_wrong_range'],
    ['another start', 206, { 'Content-Range': 'bytes 3-5/10' }, RANGE, 's3_wrong_range'],
    ['another end', 206, { 'Content-Range': 'bytes 2-4/10' }, RANGE, 's3_wrong_range'],
    ['an unknown size', 206, { 'Content-Range': 'bytes 2-5/*' }, RANGE, 's3_wrong_range'],
    [
      'a length that is not the range',
      206,
      { 'Content-Length': '5', 'Content-Range': 'bytes 2-5/10' },
      RANGE,
      's3_wrong_range',
    ],
    ['nonsense for several ranges', 206, { 'Content-Range': 'x' }, SEVERAL, 's3_wrong_range'],
  ])('%s', (_, status, headers, question, failure) => {
    expect(() => check(status, headers as Record<string, string>, question)).toThrow(
      expect.objectContaining({ failure }) as Error,
    );
  });
});

test('Of two ranges nobody knows which one the client reads', () => {
  const headers = ['Content-Range', 'bytes 2-5/10', 'content-range', 'bytes 5-8/10'];
  expect(() => checkHead({ statusCode: 206, headers }, RANGE)).toThrow(
    expect.objectContaining({ failure: 's3_wrong_range' }) as Error,
  );
});

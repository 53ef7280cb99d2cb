import { expect, test } from 'vitest';
import { matchesValidator } from '../../src/s3/if-range.ts';

const MODIFIED = 'Tue, 02 Jan 2024 00:00:00 GMT';
const LATER = 'Wed, 03 Jan 2024 00:00:00 GMT';
const HEADERS = ['ETag', '"tag"', 'Last-Modified', MODIFIED, 'Date', LATER];

test.each([
  ['the same tag', '"tag"', HEADERS, true],
  ['another tag', '"other"', HEADERS, false],
  ['the tag in another case', '"TAG"', HEADERS, false],
  ['a weak tag', 'W/"tag"', HEADERS, false],
  ['a weak tag that S3 has too', 'W/"tag"', ['ETag', 'W/"tag"'], false],
  ['a strong tag for a weak one', '"tag"', ['ETag', 'W/"tag"'], false],
  ['two tags', '"tag", "other"', HEADERS, false],
  ['a tag where S3 has none', '"tag"', ['Date', LATER], false],
  ['the same date', MODIFIED, HEADERS, true],
  ['the same date in the form of RFC 850', 'Tuesday, 02-Jan-24 00:00:00 GMT', HEADERS, true],
  ['an earlier date', 'Mon, 01 Jan 2024 00:00:00 GMT', HEADERS, false],
  ['a later date', LATER, HEADERS, false],
  ['a date within the second of the answer', MODIFIED, ['Last-Modified', MODIFIED, 'Date', MODIFIED], false],
  [
    'a date one second before the answer',
    MODIFIED,
    ['Last-Modified', MODIFIED, 'Date', 'Tue, 02 Jan 2024 00:00:01 GMT'],
    true,
  ],
  ['a date where S3 says none', MODIFIED, ['Date', LATER], false],
  ['a date where the answer has none', MODIFIED, ['Last-Modified', MODIFIED], false],
  ['no date at all', 'yesterday', ['Last-Modified', 'yesterday', 'Date', LATER], false],
  ['nothing', '', HEADERS, false],
])('%s', (_, ifRange, headers, matches) => expect(matchesValidator(ifRange, headers)).toBe(matches));

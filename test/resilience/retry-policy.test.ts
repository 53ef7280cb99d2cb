import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FAILURES, type FailureName } from '../../src/failures.ts';
import {
  classifyAnswer,
  classifyFailure,
  parseRetryAfterMs,
  retryDelayMs,
  type RetryKind,
} from '../../src/s3/retry-policy.ts';

describe('An answer of S3', () => {
  test.each([
    [500, 'InternalError', 'transient'],
    [500, undefined, 'transient'],
    [502, undefined, 'transient'],
    [504, undefined, 'transient'],
    [503, 'SlowDown', 'throttling'],
    [503, 'ServiceUnavailable', 'throttling'],
    [503, undefined, 'throttling'],
    [429, undefined, 'throttling'],
    [400, 'RequestTimeout', 'transient'],
    ...[
      ...['SlowDown', 'Throttling', 'ThrottlingException', 'ThrottledException', 'RequestThrottled'],
      ...['RequestThrottledException', 'RequestLimitExceeded', 'BandwidthLimitExceeded'],
      'TooManyRequestsException',
    ].map((code) => [400, code, 'throttling'] as const),
  ] as const)('%i %s is retried as %s', (status, code, kind) => {
    expect(classifyAnswer(status, code)).toBe(kind);
  });

  test.each([
    ...[200, 206, 301, 304, 307, 400, 401, 403, 404, 405, 412, 416, 501, 505, 599].map(
      (status) => [status, undefined] as const,
    ),
    [400, 'InvalidRequest'],
    [400, 'ExpiredToken'],
    [403, 'RequestTimeout'],
    [403, 'RequestTimeTooSkewed'],
    [404, 'NoSuchKey'],
    [501, 'NotImplemented'],
    [400, 'slowdown'],
  ] as const)('%i %s is the answer', (status, code) => {
    expect(classifyAnswer(status, code)).toBeUndefined();
  });
});

test('A failure is retried where S3 has said nothing that can be believed, and nowhere else.', () => {
  const retried = (Object.keys(FAILURES) as FailureName[]).filter(
    (name) => classifyFailure(name) !== undefined,
  );
  expect(retried.sort()).toEqual([
    's3_bad_response',
    's3_connect_timeout',
    's3_first_byte_timeout',
    's3_reset',
    's3_unreachable',
    's3_wrong_range',
  ]);
});

const kind = fc.constantFrom<RetryKind>('transient', 'throttling');
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('The pause before a retry', () => {
  test('lies by chance between nothing and a bound that doubles from 75 or 750 ms up to 20 s', () => {
    fc.assert(
      fc.property(kind, fc.integer({ min: 1, max: 1000 }), chance, (of, retry, dice) => {
        const boundMs = Math.min(20_000, (of === 'throttling' ? 750 : 75) * 2 ** (retry - 1));
        expect(retryDelayMs(of, retry, dice)).toBeCloseTo(dice * boundMs, 6);
      }),
    );
  });

  test('uses the whole of that span', () => {
    expect([retryDelayMs('transient', 1, 0), retryDelayMs('throttling', 1, 0)]).toEqual([0, 0]);
    expect(retryDelayMs('transient', 1, 0.999)).toBeCloseTo(75, 0);
    expect(retryDelayMs('transient', 2, 0.999)).toBeCloseTo(150, 0);
    expect(retryDelayMs('throttling', 1, 0.999)).toBeCloseTo(749, 0);
    expect(retryDelayMs('throttling', 2, 0.9999)).toBeCloseTo(1500, 0);
  });

  test('is never shorter than what S3 asks for, and never longer than both', () => {
    fc.assert(
      fc.property(
        kind,
        fc.integer({ min: 1, max: 10 }),
        chance,
        fc.nat(100_000),
        (of, retry, dice, askedMs) => {
          const delayMs = retryDelayMs(of, retry, dice, askedMs);
          expect(delayMs).toBeGreaterThanOrEqual(askedMs);
          expect(delayMs).toBe(Math.max(askedMs, retryDelayMs(of, retry, dice)));
        },
      ),
    );
  });
});

describe('Retry-After', () => {
  const NOW_MS = Date.UTC(2026, 9, 21, 7, 28);

  test.each([
    ['0', 0],
    ['1', 1000],
    ['120', 120_000],
    ['1000000', 1_000_000_000],
    ['99999999999', 99_999_999_999_000],
    ['Wed, 21 Oct 2026 07:28:30 GMT', 30_000],
    ['Wed, 21 Oct 2026 07:28:00 GMT', 0],
    ['Wed, 21 Oct 2026 07:27:00 GMT', 0],
    ['Thu, 22 Oct 2026 07:28:00 GMT', 86_400_000],
    ['Wednesday, 21-Oct-26 07:28:05 GMT', 5000],
    ['Wed Oct 21 07:28:05 2026 GMT', 5000],
  ])('%s', (value, ms) => expect(parseRetryAfterMs(value, NOW_MS)).toBe(ms));

  test.each([
    undefined,
    '',
    'soon',
    '-5',
    '1.5',
    '+3',
    '0x10',
    '1e3',
    '120s',
    '12 seconds',
    '2999-01-01',
    ' ',
  ])('%j says nothing', (value) => expect(parseRetryAfterMs(value, NOW_MS)).toBe(0));

  test('of any text is a time that is not negative', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.date().map(String)), fc.integer(), (value, nowMs) => {
        expect(parseRetryAfterMs(value, nowMs)).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  test('is read back in both of its forms', () => {
    fc.assert(
      fc.property(fc.nat(10_000_000), (seconds) => {
        expect(parseRetryAfterMs(String(seconds), NOW_MS)).toBe(seconds * 1000);
        const date = new Date(NOW_MS + seconds * 1000).toUTCString();
        expect(parseRetryAfterMs(date, NOW_MS)).toBe(seconds * 1000);
      }),
    );
  });
});

import fc from 'fast-check';
import { canonicalizePath } from '../../../src/request/object-path.ts';
import { pickQuery } from '../../../src/request/object-query.ts';
import type { Credentials, SigningScope, UnsignedRequest } from '../../../src/s3/sign/request-signer.ts';
import hostileKeys from '../../fixtures/hostile-keys.json' with { type: 'json' };

const DAY_MS = 86_400_000;
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=';

const oneOf = (chars: string): fc.Arbitrary<string> => fc.constantFrom(...Array.from(chars));

/** What a client may name an object: real text, the known hard keys, and bytes that are no text. */
const keyBytes: fc.Arbitrary<Buffer> = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 40 }).map((key) => Buffer.from(key)),
    fc
      .string({ unit: oneOf(' /+%?&=#~*\'()!$,:;@"<>[]{}|\\^`.-_aZ0é日😀'), maxLength: 60 })
      .map((key) => Buffer.from(key)),
    fc.constantFrom(...hostileKeys).map((key) => Buffer.from(key)),
    fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes)),
    fc.string({ unit: 'grapheme-ascii', minLength: 900, maxLength: 1024 }).map((key) => Buffer.from(key)),
  )
  // Such paths are refused before they are signed.
  .filter(
    (bytes) =>
      !bytes
        .toString('latin1')
        .split('/')
        .some((segment) => segment === '.' || segment === '..'),
  );

/** Every byte escaped, so that the canonical form is all `canonicalizePath`'s doing. */
export const rawPaths: fc.Arbitrary<string> = keyBytes.map(
  (bytes) => `/${bytes.toString('hex').replace(/../g, '%$&')}`,
);

/** Parameters by name, decoded. */
export const queryValues: fc.Arbitrary<Record<string, string>> = fc.dictionary(
  fc.constantFrom(
    'partNumber',
    'response-cache-control',
    'response-content-disposition',
    'response-content-type',
    'response-expires',
    'versionId',
  ),
  fc.oneof(
    // Control characters are refused before anything is signed.
    fc.string({ unit: 'binary', maxLength: 20 }).map((text) => text.replaceAll(/[\x00-\x1f\x7f]/g, '~')),
    fc.string({ unit: oneOf(' /+%?&=#~*\'()!";,é日😀a1'), maxLength: 30 }),
  ),
  { maxKeys: 4, noNullPrototype: true },
);

export function toRawQuery(values: Record<string, string>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');
}

export const requests: fc.Arbitrary<UnsignedRequest> = fc.record({
  method: fc.constantFrom('GET', 'HEAD'),
  path: rawPaths.map((path) => canonicalizePath(path).encoded),
  query: fc.oneof(fc.constant({}), queryValues).map((values) => pickQuery(toRawQuery(values)).encoded),
});

export const scopes: readonly SigningScope[] = [
  { host: 'bkt.s3.us-east-1.amazonaws.com', region: 'us-east-1', service: 's3' },
  { host: 'bkt.s3.cn-north-1.amazonaws.com.cn', region: 'cn-north-1', service: 's3' },
  {
    host: 'ap-123456789012.s3-object-lambda.eu-west-1.amazonaws.com',
    region: 'eu-west-1',
    service: 's3-object-lambda',
  },
  { host: '127.0.0.1:9000', region: 'us-east-1', service: 's3' },
  { host: '[::1]:9000', region: 'local', service: 's3' },
];

const freshCredentials: fc.Arbitrary<Credentials> = fc.record({
  accessKeyId: fc.string({
    unit: oneOf('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'),
    minLength: 16,
    maxLength: 20,
  }),
  secretAccessKey: fc.oneof(
    fc.string({ unit: oneOf(BASE64), minLength: 40, maxLength: 40 }),
    // Other stores issue others; from 61 letters on the key is longer than a block of SHA-256.
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 90 }),
  ),
  sessionToken: fc.option(
    fc.oneof(
      fc.string({ unit: oneOf(BASE64), minLength: 1, maxLength: 40 }),
      fc.string({ unit: oneOf(BASE64), minLength: 500, maxLength: 1600 }),
    ),
    { nil: undefined },
  ),
});

/** The same few objects again and again, as a daemon sees them, and new ones in between. */
export const credentials: fc.Arbitrary<Credentials> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...fc.sample(freshCredentials, { numRuns: 5, seed: 7 })) },
  { weight: 1, arbitrary: freshCredentials },
);

const leapDays = [2000, 2024, 2028, 2096].map((year) => Date.UTC(year, 1, 29));
const newYears = [1970, 2000, 2027, 2100, 9999].map((year) => Date.UTC(year, 0, 1));

/** Crowded where something changes: midnights of UTC, leap days, turns of the year, turns of the second. */
export const instantsMs: fc.Arbitrary<number> = fc.oneof(
  fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2099, 11, 31) }),
  fc
    .tuple(
      fc.oneof(
        fc.integer({ min: 20_000, max: 20_003 }).map((day) => day * DAY_MS),
        fc.constantFrom(...leapDays, ...newYears.slice(1)),
        fc.constantFrom(...leapDays).map((day) => day + DAY_MS),
      ),
      fc.oneof(fc.integer({ min: -2100, max: 2100 }), fc.constantFrom(-1001, -1000, -1, 0, 1, 999, 1000)),
    )
    .map(([midnightMs, offsetMs]) => midnightMs + offsetMs),
);

/** Pairs of names and values in one order, so that flat headers of different origin compare. */
export function sortHeaders(headers: readonly string[]): string[] {
  return headers
    .flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${headers[index + 1] ?? ''}`] : []))
    .sort();
}

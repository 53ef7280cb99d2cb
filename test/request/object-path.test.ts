import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalizePath, decodePercent, encodeQueryPart } from '../../src/request/object-path.ts';

describe('canonicalizePath', () => {
  test.each([
    ['/', '/', 1],
    ['/a/b-._~9', '/a/b-._~9', 9],
    ['/%61', '/a', 2],
    ['/%7e', '/~', 2],
    ['/%2f', '//', 2],
    ['/+', '/%2B', 2],
    ['/a%20b', '/a%20b', 4],
    ["/!'()*", '/%21%27%28%29%2A', 6],
    ['/:@$&,;=', '/%3A%40%24%26%2C%3B%3D', 8],
    ['/[]"<>\\^`{|}', '/%5B%5D%22%3C%3E%5C%5E%60%7B%7C%7D', 12],
    ['/%25', '/%25', 2],
    ['/%2525', '/%2525', 4],
    ['/%00%0a%7F%ff', '/%00%0A%7F%FF', 5],
    ['/%c3%A9', '/%C3%A9', 3],
    ['/#', '/%23', 2],
  ])('%s is %s of %i bytes', (raw, encoded, byteLength) => {
    expect(canonicalizePath(raw)).toEqual({ encoded, byteLength });
  });

  test.each([
    ['', 'bad_target'],
    ['a', 'bad_target'],
    ['*', 'bad_target'],
    ['http://localhost/', 'bad_target'],
    ['%2Fa', 'bad_target'],
    ['/a b', 'bad_target'],
    ['/\x7f', 'bad_target'],
    ['/é', 'bad_target'],
    ['/\t', 'bad_target'],
    ['/%', 'bad_percent_encoding'],
    ['/%4', 'bad_percent_encoding'],
    ['/%4g', 'bad_percent_encoding'],
    ['/%-1', 'bad_percent_encoding'],
    ['/% 1', 'bad_percent_encoding'],
    ['/..', 'dot_segment'],
    ['/a/%2E%2e/b', 'dot_segment'],
    ['/.%2f', 'dot_segment'],
  ])('%j is refused as %s', (raw, failure) => {
    expect(() => canonicalizePath(raw)).toThrow(expect.objectContaining({ failure }) as Error);
  });

  test('whatever the bytes and however they are written, the form is one and leads back to them', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 60 }),
        fc.infiniteStream(fc.nat(2)),
        (bytes, ways) => {
          const raw = `/${Array.from(bytes, (byte) => write(byte, ways.next().value as number)).join('')}`;
          const expected = `/${Array.from(bytes, (byte) => (byte === 0x2f ? '/' : escapeRfc3986(byte))).join('')}`;
          fc.pre(!/\/\.{1,2}(\/|$)/.test(expected));
          expect(canonicalizePath(raw)).toEqual({ encoded: expected, byteLength: bytes.length + 1 });
          expect(canonicalizePath(expected).encoded).toBe(expected);
          expect(decodePercent(expected).subarray(1).equals(Buffer.from(bytes))).toBe(true);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

test('encodeQueryPart encodes the slash too', () => {
  expect(encodeQueryPart(Buffer.from('a/b c+é~'))).toBe('a%2Fb%20c%2B%C3%A9~');
});

/** A byte raw, where it may be, or escaped in either case. */
function write(byte: number, way: number): string {
  if (way === 0 && byte > 0x20 && byte < 0x7f && byte !== 0x25) return String.fromCharCode(byte);
  const hex = byte.toString(16).padStart(2, '0');
  return `%${way === 1 ? hex.toUpperCase() : hex}`;
}

/** What RFC 3986 §2.3 leaves, said with JavaScript's own encoder. */
function escapeRfc3986(byte: number): string {
  if (byte >= 0x80) return `%${byte.toString(16).toUpperCase()}`;
  const char = encodeURIComponent(String.fromCharCode(byte));
  return /[!'()*]/.test(char) ? `%${byte.toString(16).toUpperCase()}` : char;
}

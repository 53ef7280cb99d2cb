import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalizePath } from '../../../src/request/object-path.ts';
import { pickQuery } from '../../../src/request/object-query.ts';
import { queryValues, rawPaths, toRawQuery } from './signing-arbitraries.ts';

/** AWS's rule on top of what JavaScript encodes: `! ' ( ) *` too. */
function encodeStrictly(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

const isText = (bytes: Buffer): boolean => Buffer.from(bytes.toString()).equals(bytes);
const bytesOf = (rawPath: string): Buffer => Buffer.from(rawPath.slice(1).replaceAll('%', ''), 'hex');

describe('what is signed', () => {
  it('a path is the one that JavaScript itself encodes, whatever the client left bare', () => {
    fc.assert(
      fc.property(rawPaths.map(bytesOf).filter(isText), fc.func(fc.boolean()), (bytes, isLeftBare) => {
        const key = bytes.toString();
        const expected = `/${key.split('/').map(encodeStrictly).join('/')}`;
        const escaped = `/${bytes.toString('hex').replace(/../g, (hex, at: number) => {
          const char = String.fromCharCode(parseInt(hex, 16));
          return /[!-$&->@-~]/.test(char) && isLeftBare(at) ? char : `%${hex}`;
        })}`;
        expect(canonicalizePath(escaped).encoded).toBe(expected);
        expect(decodeURIComponent(expected)).toBe(`/${key}`);
      }),
      { numRuns: 3000 },
    );
  });

  it('a path of any bytes is ASCII, keeps the bytes, and is its own canonical form', () => {
    fc.assert(
      fc.property(rawPaths, (rawPath) => {
        const { encoded } = canonicalizePath(rawPath);
        expect(encoded).toMatch(/^\/(?:[A-Za-z0-9\-._~/]|%[0-9A-F]{2})*$/);
        const bytes = encoded.replace(/%([0-9A-F]{2})/g, (_, hex: string) =>
          String.fromCharCode(parseInt(hex, 16)),
        );
        expect(Buffer.from(bytes.slice(1), 'latin1')).toEqual(bytesOf(rawPath));
        expect(canonicalizePath(encoded).encoded).toBe(encoded);
      }),
      { numRuns: 3000 },
    );
  });

  it('a query is sorted, strictly encoded, and says to URLSearchParams what the client said', () => {
    fc.assert(
      fc.property(queryValues, (values) => {
        const { encoded } = pickQuery(toRawQuery(values));
        const names = Object.keys(values).sort();
        expect(encoded).toBe(names.map((name) => `${name}=${encodeStrictly(values[name]!)}`).join('&'));
        expect(Object.fromEntries(new URLSearchParams(encoded))).toEqual(values);
        expect(pickQuery(encoded).encoded).toBe(encoded);
      }),
      { numRuns: 3000 },
    );
  });
});

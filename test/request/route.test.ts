import { describe, expect, test } from 'vitest';
import type { AdmittedRequest } from '../../src/request/admit.ts';
import { canonicalizePath } from '../../src/request/object-path.ts';
import { route, type RouteEntry } from '../../src/request/route.ts';

const ENTRIES: readonly RouteEntry<string>[] = [
  entry('/avod/long/', '/', 0),
  entry('/avod/', '/ads/pre%20fix/', 8),
  entry('/', '/media/', 0),
];

function entry(path: string, wirePrefix: string, keyPrefixBytes: number): RouteEntry<string> {
  return { path, bucket: path, wirePrefix, keyPrefixBytes, upstream: path };
}

function admitted(path: string, headers: Partial<AdmittedRequest['headers']> = {}): AdmittedRequest {
  return {
    method: 'GET',
    path: canonicalizePath(path),
    query: { encoded: 'versionId=v', hasPartNumber: false },
    headers: { host: 'x', range: undefined, ifRange: undefined, conditions: [], hasBody: false, ...headers },
  } as unknown as AdmittedRequest;
}

describe('The longest path wins, and is taken off:', () => {
  test.each([
    ['/a', '/', '/media/a', 'a'],
    ['/avod', '/', '/media/avod', 'avod'],
    ['/avodx/a', '/', '/media/avodx/a', 'avodx/a'],
    ['/avod/a%20b', '/avod/', '/ads/pre%20fix/a%20b', 'a%20b'],
    ['/avod//a', '/avod/', '/ads/pre%20fix//a', '/a'],
    ['/avod/long/a', '/avod/long/', '/a', 'a'],
    ['/avod/longer', '/avod/', '/ads/pre%20fix/longer', 'longer'],
  ])('%s', (path, chosen, wirePath, encodedKey) => {
    const target = route(admitted(path), ENTRIES);
    expect(target).toMatchObject({ wirePath, encodedKey, wireQuery: 'versionId=v' });
    expect(target.entry.path).toBe(chosen);
  });
});

test.each(['/', '/avod/', '/avod/long/'])('%s names no object', (path) => {
  expect(() => route(admitted(path), ENTRIES)).toThrow(
    expect.objectContaining({ failure: 'no_key' }) as Error,
  );
});

test('What no route leads to is refused', () => {
  expect(() => route(admitted('/a'), ENTRIES.slice(0, 2))).toThrow(
    expect.objectContaining({ failure: 'no_route' }) as Error,
  );
});

test.each([
  ['/avod/', 1016, undefined],
  ['/avod/', 1017, 'key_too_long'],
  ['/', 1024, undefined],
  ['/', 1025, 'key_too_long'],
])('Under %s a key of %i bytes: %s', (path, bytes, failure) => {
  const act = () => route(admitted(path + '%C3%A9'.repeat(bytes / 2) + 'k'.repeat(bytes % 2)), ENTRIES);
  if (failure === undefined) expect(act().entry.path).toBe(path);
  else expect(act).toThrow(expect.objectContaining({ failure }) as Error);
});

test('If-Range counts with a Range only', () => {
  expect(route(admitted('/a', { ifRange: '"x"' }), ENTRIES).ifRange).toBeUndefined();
  expect(route(admitted('/a', { ifRange: '"x"', range: 'bytes=0-1' }), ENTRIES).ifRange).toBe('"x"');
});

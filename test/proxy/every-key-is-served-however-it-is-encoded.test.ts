import { describe, expect, test } from 'vitest';
import hostileKeys from '../fixtures/hostile-keys.json' with { type: 'json' };
import { encodePath, PATH_ENCODINGS, type PathEncoding } from '../support/encode-path.ts';
import { useScene } from '../support/open-scene.ts';

const scene = useScene();

const DOTTED_KEYS = ['x/./y', 'x/../y', '..'];
const KEYS = hostileKeys.filter((key) => !DOTTED_KEYS.includes(key));
const ENCODINGS = Object.keys(PATH_ENCODINGS) as PathEncoding[];

test('There are 44 keys, three of them with a dot segment.', () => {
  expect([hostileKeys.length, KEYS.length]).toEqual([44, 41]);
});

describe.each(ENCODINGS)('Written %s', (encoding) => {
  test('each key reaches S3 as itself, rightly signed, and its own body comes back.', async () => {
    const connection = scene.connect();
    for (const key of KEYS) scene.s3.put(key, `the body of ${JSON.stringify(key)}`);
    for (const key of KEYS) {
      connection.get(encodePath(key, encoding));
      const { status, text } = await connection.readResponse();
      expect([status, text]).toEqual([200, `the body of ${JSON.stringify(key)}`]);
      expect(await scene.proxy.nextReport()).toMatchObject({ status: 200, failure: undefined });
    }
    expect(scene.s3.seen.map(({ key, verdict }) => [key, verdict.ok])).toEqual(
      KEYS.map((key) => [key, true]),
    );
    // One canonical form, whatever the client wrote; S3 would read a raw plus as a space.
    expect(scene.s3.seen.map(({ target }) => target)).toEqual(
      KEYS.map((key) => `/media${encodePath(key, 'as S3 does')}`),
    );
  });

  test('the keys with a dot segment are refused.', async () => {
    const connection = scene.connect();
    for (const key of DOTTED_KEYS) {
      connection.get(encodePath(key, encoding));
      expect(await connection.readResponse()).toMatchObject({
        status: 400,
        text: expect.stringContaining('<Code>InvalidURI</Code>') as string,
      });
      expect(await scene.proxy.nextReport()).toMatchObject({ status: 400, failure: 'dot_segment' });
    }
    expect(scene.s3.seen).toEqual([]);
  });
});

describe('With the bucket in the host name', () => {
  const named = useScene({ s3HostName: 's3.test' });

  test('the path is the key, with all of its slashes.', async () => {
    for (const key of KEYS) named.s3.put(key, `the body of ${JSON.stringify(key)}`);
    const connection = named.connect();
    for (const key of KEYS) {
      const { status, text } = await connection.get(encodePath(key, 'as nginx does')).readResponse();
      expect([status, text]).toEqual([200, `the body of ${JSON.stringify(key)}`]);
    }
    expect(named.s3.seen.map(({ target, verdict }) => [target, verdict.ok])).toEqual(
      KEYS.map((key) => [encodePath(key, 'as S3 does'), true]),
    );
    expect(named.s3.seen[0]!.header('host')).toBe(`media.s3.test:${named.s3.port}`);
  });
});

test('A raw plus is a plus and not a space.', async () => {
  scene.s3.put('a+b', 'plus');
  scene.s3.put('a b', 'space');
  expect(await scene.ask('/a+b')).toMatchObject({ text: 'plus' });
  expect(await scene.ask('/a%2Bb')).toMatchObject({ text: 'plus' });
  expect(await scene.ask('/a%20b')).toMatchObject({ text: 'space' });
});

test('A percent sign is decoded once.', async () => {
  scene.s3.put('a%2525', 'twice');
  expect(await scene.ask('/a%252525')).toMatchObject({ status: 200, text: 'twice' });
});

test('Slashes are neither merged nor taken away.', async () => {
  scene.s3.put('/a//b/', 'slashes');
  expect(await scene.ask('//a//b/')).toMatchObject({ status: 200, text: 'slashes' });
  expect(await scene.ask('/a/b')).toMatchObject({ status: 404 });
  expect(scene.s3.seen.map(({ target }) => target)).toEqual(['/media//a//b/', '/media/a/b']);
});

test('A key that is no UTF-8 reaches S3 with its own bytes, which refuses it.', async () => {
  expect(await scene.ask('/a%FFb')).toMatchObject({ status: 400 });
  expect(scene.s3.seen[0]).toMatchObject({ target: '/media/a%FFb' });
  expect(await scene.proxy.nextReport()).toMatchObject({
    key: 'a%FFb',
    status: 400,
    s3ErrorCode: 'InvalidURI',
  });
});

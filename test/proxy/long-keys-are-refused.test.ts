import { describe, expect, test } from 'vitest';
import { encodePath } from '../support/encode-path.ts';
import { useScene } from '../support/open-scene.ts';

const TOO_LONG = { status: 400, text: expect.stringContaining('<Code>KeyTooLongError</Code>') as string };

describe('Without a prefix', () => {
  const scene = useScene();

  test.each([
    ['ASCII', 'k'.repeat(1024)],
    ['of two bytes a letter', 'é'.repeat(512)],
    ['of four bytes a letter', '😀'.repeat(256)],
  ])('a key of 1024 bytes, %s, is served.', async (_, key) => {
    scene.s3.put(key, 'object');
    expect(await scene.ask(encodePath(key, 'with every byte escaped'))).toMatchObject({
      status: 200,
      text: 'object',
    });
    expect(scene.onlySeen().key).toBe(key);
  });

  test.each([
    ['ASCII', 'k'.repeat(1025)],
    ['of two bytes a letter', `${'é'.repeat(512)}k`],
  ])('a key of 1025 bytes, %s, is refused.', async (_, key) => {
    expect(await scene.ask(encodePath(key))).toMatchObject(TOO_LONG);
    expect(scene.s3.seen).toEqual([]);
    expect(await scene.proxy.nextReport()).toMatchObject({ status: 400, failure: 'key_too_long' });
  });
});

describe('A prefix counts:', () => {
  const scene = useScene({ settings: { 's3.prefix': 'pré/fix' } });
  const prefixBytes = Buffer.byteLength('pré/fix/');

  test('up to 1024 bytes with it are served.', async () => {
    const key = 'k'.repeat(1024 - prefixBytes);
    scene.s3.put(`pré/fix/${key}`, 'object');
    expect(await scene.ask(`/${key}`)).toMatchObject({ status: 200, text: 'object' });
  });

  test('one byte more is refused.', async () => {
    expect(await scene.ask(`/${'k'.repeat(1025 - prefixBytes)}`)).toMatchObject(TOO_LONG);
    expect(scene.s3.seen).toEqual([]);
  });
});

describe("A route's path does not count:", () => {
  const scene = useScene({ routes: '[{path: /avod/, bucket: media}]' });

  test('1024 bytes after it are served.', async () => {
    const key = 'k'.repeat(1024);
    scene.s3.put(key, 'object');
    expect(await scene.ask(`/avod/${key}`)).toMatchObject({ status: 200, text: 'object' });
    expect(await scene.ask(`/avod/${key}k`)).toMatchObject(TOO_LONG);
  });
});

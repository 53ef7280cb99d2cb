import { describe, expect, test } from 'vitest';
import { useScene } from '../support/open-scene.ts';

describe('Whether it is encoded or not, a dot segment is answered with 400 and never reaches S3:', () => {
  const scene = useScene({ settings: { 's3.prefix': 'public' } });

  test.each([
    '/.',
    '/..',
    '/./',
    '/../',
    '/../secret',
    '/a/..',
    '/a/../b',
    '/a/./b',
    '/%2e',
    '/%2E%2E',
    '/%2e%2e/secret',
    '/.%2e/secret',
    '/%2e./secret',
    '/a/%2e%2e/%2e%2e/secret',
    '/..%2fsecret',
    '/a%2F..%2Fsecret',
    '/a%2f%2e%2e',
    '//../secret',
    '/..?versionId=1',
  ])('%s', async (target) => {
    const answer = await scene.ask(target);
    expect(answer).toMatchObject({ status: 400, text: expect.stringContaining('InvalidURI') as string });
    expect(scene.s3.seen).toEqual([]);
    expect(await scene.proxy.nextReport()).toMatchObject({ status: 400, failure: 'dot_segment' });
  });
});

describe('What only looks like a dot segment is a key:', () => {
  const scene = useScene({ settings: { 's3.prefix': 'public' } });

  test.each([
    ['/.hidden', '.hidden'],
    ['/a..b', 'a..b'],
    ['/...', '...'],
    ['/a./b', 'a./b'],
    ['/..a/b', '..a/b'],
    ['/%252e%252e/a', '%2e%2e/a'],
    ['/..%5Ca', '..\\a'],
    ['/a/.../b', 'a/.../b'],
  ])('%s', async (target, key) => {
    scene.s3.put(`public/${key}`, 'object');
    expect(await scene.ask(target)).toMatchObject({ status: 200, text: 'object' });
    expect(scene.onlySeen().key).toBe(`public/${key}`);
  });
});

import { describe, expect, test } from 'vitest';
import { type SceneOptions, useScene } from '../support/open-scene.ts';

/** What the fake answers for `GET` of a bucket or of the service. */
const LISTING = 'ListBucketResult';

const STYLES: readonly (readonly [string, SceneOptions])[] = [
  ['the bucket in the path', {}],
  ['the bucket in the host name', { s3HostName: 's3.test' }],
  ['a prefix', { settings: { 's3.prefix': 'films' } }],
];

describe.each(STYLES)('With %s no path is a listing:', (_, options) => {
  const scene = useScene(options);

  test.each([
    '/',
    '/?list-type=2',
    '/?prefix=a',
    '/?',
    '/?location',
    '/?versions',
    '/?acl',
    '/?x-id=ListBuckets',
  ])('GET %s is 404 without asking S3.', async (target) => {
    scene.s3.put('films/a', 'object');
    const answer = await scene.ask(target);
    expect(answer).toMatchObject({
      status: 404,
      text: expect.stringContaining('<Code>NoSuchKey</Code>') as string,
    });
    expect(scene.s3.seen).toEqual([]);
    expect(await scene.proxy.nextReport()).toMatchObject({ status: 404, failure: 'no_key' });
  });

  test.each(['//', '/%2F', '/%2f', '///', '/%3Flist-type=2', '//?list-type=2'])(
    'GET %s asks for a key.',
    async (target) => {
      scene.s3.put('a', 'object');
      const answer = await scene.ask(target);
      expect(answer.status).toBe(404);
      expect(answer.text).not.toContain(LISTING);
      expect(scene.onlySeen().key).toMatch(/^(films\/)?(\/|\/\/|\?list-type=2)$/);
    },
  );

  test('HEAD / is 404 too.', async () => {
    expect(await scene.ask('/', { method: 'HEAD' })).toMatchObject({ status: 404, text: '' });
    expect(scene.s3.seen).toEqual([]);
  });
});

describe('With several routes', () => {
  const scene = useScene({ routes: '[{path: /avod/, bucket: media}]', settings: { 's3.bucket': '' } });

  test.each([
    ['/avod/', 'no_key'],
    ['/avod/?list-type=2', 'no_key'],
    ['/avod', 'no_route'],
    ['/', 'no_route'],
    ['/other/a', 'no_route'],
    ['/AVOD/a', 'no_route'],
  ] as const)('GET %s is our own 404: %s', async (target, failure) => {
    expect(await scene.ask(target)).toMatchObject({ status: 404 });
    expect(scene.s3.seen).toEqual([]);
    expect(await scene.proxy.nextReport()).toMatchObject({ status: 404, failure });
  });

  test('A route written with escapes is the same route.', async () => {
    scene.s3.put('a', 'object');
    expect(await scene.ask('/%61vod%2fa')).toMatchObject({ status: 200, text: 'object' });
    expect(await scene.proxy.nextReport()).toMatchObject({ route: '/avod/', bucket: 'media', key: 'a' });
  });
});

import { expect, test } from 'vitest';
import { useScene } from '../support/open-scene.ts';

const scene = useScene();

test('An object comes back byte for byte with its standard headers, asked for with one signed request.', async () => {
  const lastModified = new Date('2024-02-29T12:00:00Z');
  scene.s3.put('dir/clip.mp4', 'media bytes', {
    contentType: 'video/mp4',
    lastModified,
    headers: { 'Cache-Control': 'max-age=60', 'Content-Language': 'de', 'Content-Disposition': 'inline' },
  });
  const answer = await scene.ask('/dir/clip.mp4');
  expect(answer).toMatchObject({ status: 200, text: 'media bytes', isComplete: true });
  expect(answer.headers).toEqual({
    'accept-ranges': 'bytes',
    'cache-control': 'max-age=60',
    connection: 'close',
    'content-disposition': 'inline',
    'content-language': 'de',
    'content-length': '11',
    'content-type': 'video/mp4',
    date: expect.any(String) as string,
    etag: scene.s3.objects.get('dir/clip.mp4')!.etag,
    'last-modified': lastModified.toUTCString(),
  });
  expect(scene.onlySeen()).toMatchObject({ method: 'GET', target: '/media/dir/clip.mp4' });
  expect(await scene.proxy.nextReport()).toMatchObject({
    method: 'GET',
    key: 'dir/clip.mp4',
    route: '/',
    bucket: 'media',
    status: 200,
    bytes: 11,
    attempts: 1,
    s3Status: 200,
    failure: undefined,
  });
});

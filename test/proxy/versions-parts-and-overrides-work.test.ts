import { expect, test } from 'vitest';
import { useScene } from '../support/open-scene.ts';

const scene = useScene();

test('versionId asks for that version, and its id stays inside.', async () => {
  scene.s3.put('a', 'object', { versionId: 'v1' });
  const answer = await scene.ask('/a?versionId=v1');
  expect(answer).toMatchObject({ status: 200, text: 'object' });
  expect(answer.headers).not.toHaveProperty('x-amz-version-id');
  expect(scene.onlySeen().target).toBe('/media/a?versionId=v1');
});

test('A version that is not there is 404.', async () => {
  scene.s3.put('a', 'object', { versionId: 'v1' });
  expect(await scene.ask('/a?versionId=v2')).toMatchObject({
    status: 404,
    text: expect.stringContaining('<Code>NoSuchVersion</Code>') as string,
  });
  expect(await scene.proxy.nextReport()).toMatchObject({ status: 404, s3ErrorCode: 'NoSuchVersion' });
});

test.each(['GET', 'HEAD'])(
  'A part is 206 with its range, though no range was asked for (%s).',
  async (method) => {
    scene.s3.put('a', '0123456789');
    const answer = await scene.ask('/a?partNumber=1', { method });
    expect(answer).toMatchObject({
      status: 206,
      text: method === 'HEAD' ? '' : '0123456789',
      headers: { 'content-range': 'bytes 0-9/10' },
    });
    expect(await scene.proxy.nextReport()).toMatchObject({ status: 206, failure: undefined });
  },
);

test('A part that is not there is 416.', async () => {
  scene.s3.put('a', '0123456789');
  expect(await scene.ask('/a?partNumber=2')).toMatchObject({ status: 416 });
});

test('response-* replaces the stored headers.', async () => {
  scene.s3.put('a', 'object', { headers: { 'Cache-Control': 'max-age=60' } });
  const query = [
    'response-content-type=video%2Fmp4',
    'response-cache-control=no-store',
    'response-content-disposition=attachment%3B%20filename%3D%22%C3%A9.mp4%22',
    'response-content-encoding=identity',
    'response-content-language=de',
    'response-expires=0',
  ];
  const answer = await scene.ask(`/a?${query.join('&')}`);
  expect(answer).toMatchObject({
    status: 200,
    headers: {
      'content-type': 'video/mp4',
      'cache-control': 'no-store',
      'content-encoding': 'identity',
      'content-language': 'de',
      expires: '0',
    },
  });
  expect(answer.headers['content-disposition']).toContain('attachment; filename=');
});

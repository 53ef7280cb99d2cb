import { expect, test } from 'vitest';
import { useScene } from '../support/open-scene.ts';

const scene = useScene();

const DATE = 'Mon, 01 Jan 2024 00:00:00 GMT';

test.each([
  ['Range: bytes=0-0', 'Range: bytes=0-0'],
  ['Range: bytes=0-0', 'range: bytes=1-1'],
  ['Range: bytes=0-0', 'RANGE:'],
  ['If-Range: "a"', 'If-Range: "a"'],
  [`If-Modified-Since: ${DATE}`, `if-modified-since: ${DATE}`],
  [`If-Unmodified-Since: ${DATE}`, `If-Unmodified-Since: ${DATE}`],
])('%s and %s are 400; the connection goes on.', async (one, other) => {
  scene.s3.put('a', 'object');
  const connection = scene.connect().get('/a', one, other);
  const response = await connection.readResponse();
  expect([response.status, response.text.includes('sent twice')]).toEqual([400, true]);
  expect(scene.s3.seen).toEqual([]);
  expect(await scene.proxy.nextReport()).toMatchObject({ status: 400, failure: 'repeated_header' });
  expect(await connection.get('/a').readResponse()).toMatchObject({ status: 200, text: 'object' });
});

import { expect, test } from 'vitest';
import { useScene } from '../support/open-scene.ts';

const scene = useScene();

test.each(['bytes=10-', 'bytes=10-20', 'bytes=99-99', 'bytes=-0'])(
  "%s is 416, with the size that S3's XML says.",
  async (range) => {
    scene.s3.put('a', '0123456789');
    const answer = await scene.ask('/a', { headers: { Range: range } });
    expect(answer).toMatchObject({ status: 416, headers: { 'content-range': 'bytes */10' } });
    expect(answer.text).toContain('<Code>InvalidRange</Code>');
    expect(answer.text).not.toContain('ActualObjectSize');
    expect(scene.onlySeen().header('range')).toBe(range);
    expect(await scene.proxy.nextReport()).toMatchObject({
      status: 416,
      range,
      s3ErrorCode: 'InvalidRange',
      bytes: answer.body.length,
    });
  },
);

test("S3's own Content-Range is kept.", async () => {
  scene.s3.inject({
    kind: 'status',
    status: 416,
    code: 'InvalidRange',
    headers: { 'Content-Range': 'bytes */10' },
    details: { ActualObjectSize: '99' },
  });
  const answer = await scene.ask('/a', { headers: { Range: 'bytes=10-' } });
  expect([answer.status, answer.headers['content-range']]).toEqual([416, 'bytes */10']);
});

test.each(['', 'ten', '-1', '1e3'])('A size that is none (%j) is not said.', async (size) => {
  scene.s3.inject({ kind: 'status', status: 416, code: 'InvalidRange', details: { ActualObjectSize: size } });
  const answer = await scene.ask('/a', { headers: { Range: 'bytes=10-' } });
  expect([answer.status, answer.headers['content-range']]).toEqual([416, undefined]);
});

test('A HEAD has no XML and so no size, but the same status.', async () => {
  scene.s3.put('a', '0123456789');
  const answer = await scene.ask('/a', { method: 'HEAD', headers: { Range: 'bytes=10-' } });
  expect([answer.status, answer.headers['content-range'], answer.text]).toEqual([416, undefined, '']);
});

test('The size of an object beyond 4 GiB is right.', async () => {
  scene.s3.put('huge', { size: 5 * 2 ** 40 });
  const answer = await scene.ask('/huge', { headers: { Range: `bytes=${5 * 2 ** 40}-` } });
  expect(answer).toMatchObject({ status: 416, headers: { 'content-range': `bytes */${5 * 2 ** 40}` } });
});

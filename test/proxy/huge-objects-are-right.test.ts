import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { virtualBytes } from '../servers/fake-s3-virtual-bytes.ts';
import { useScene } from '../support/open-scene.ts';

const scene = useScene();

const GIB = 2 ** 30;
const SIZE = 5 * GIB;

describe('Of an object of 5 GiB', () => {
  test('a HEAD says the length.', async () => {
    scene.s3.put('huge', { size: SIZE });
    const answer = await scene.ask('/huge', { method: 'HEAD' });
    expect(answer).toMatchObject({ status: 200, headers: { 'content-length': String(SIZE) } });
  });

  test.each([
    ['across 2 GiB', `bytes=${2 * GIB - 1000}-${2 * GIB + 999}`, 2 * GIB - 1000, 2000],
    ['across 4 GiB', `bytes=${4 * GIB - 1000}-${4 * GIB + 999}`, 4 * GIB - 1000, 2000],
    ['beyond 4 GiB', `bytes=${4 * GIB + 12_345}-${4 * GIB + 1_012_344}`, 4 * GIB + 12_345, 1_000_000],
    ['the last bytes', 'bytes=-1001', SIZE - 1001, 1001],
    ['open, near the end', `bytes=${SIZE - 77}-`, SIZE - 77, 77],
    ['over the end', `bytes=${SIZE - 10}-${SIZE + 10}`, SIZE - 10, 10],
  ])('a range %s is right byte for byte.', async (_, range, first, length) => {
    scene.s3.put('huge', { size: SIZE });
    const answer = await scene.ask('/huge', { headers: { Range: range } });
    expect(answer).toMatchObject({
      status: 206,
      headers: {
        'content-range': `bytes ${first}-${first + length - 1}/${SIZE}`,
        'content-length': String(length),
      },
    });
    expect(answer.body.equals(virtualBytes(first, length))).toBe(true);
    expect(await scene.proxy.nextReport()).toMatchObject({ status: 206, bytes: length });
  });

  test('and even of 5 TB, which is the most that S3 takes, numbers are right.', async () => {
    const size = 5 * 2 ** 40;
    scene.s3.put('huge', {
      size,
      fill: (offset: number, length: number) => Buffer.alloc(length, offset % 251),
    });
    const answer = await scene.ask('/huge', { headers: { Range: `bytes=${size - 3}-` } });
    expect(answer).toMatchObject({
      status: 206,
      headers: { 'content-range': `bytes ${size - 3}-${size - 1}/${size}`, 'content-length': '3' },
    });
  });
});

test('A whole object of 100 MiB comes right byte for byte.', async () => {
  const size = 100 * 2 ** 20;
  scene.s3.put('big', { size });
  const expected = createHash('md5');
  for (let at = 0; at < size; at += 2 ** 20) expected.update(virtualBytes(at, 2 ** 20));
  const answer = await scene.ask('/big');
  expect([answer.status, answer.isComplete, answer.body.length]).toEqual([200, true, size]);
  expect(createHash('md5').update(answer.body).digest('hex')).toBe(expected.digest('hex'));
  expect(await scene.proxy.nextReport()).toMatchObject({ status: 200, bytes: size });
});

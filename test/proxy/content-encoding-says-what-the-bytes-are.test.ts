import { expect, test } from 'vitest';
import { gzipSync } from 'node:zlib';
import { useScene } from '../support/open-scene.ts';

const scene = useScene();

test('Compressed bytes pass as they are stored, with their coding, whatever the client accepts.', async () => {
  const stored = gzipSync('text '.repeat(1000));
  scene.s3.put('a.gz', stored, { headers: { 'Content-Encoding': 'gzip' } });
  const answer = await scene.ask('/a.gz', { headers: { 'Accept-Encoding': 'identity' } });
  expect(answer).toMatchObject({ status: 200, headers: { 'content-encoding': 'gzip' } });
  expect(answer.body.equals(stored)).toBe(true);
  expect(scene.onlySeen().header('accept-encoding')).toBeUndefined();
});

test.each([
  ['', undefined],
  ['aws-chunked', undefined],
  ['AWS-Chunked', undefined],
  ['aws-chunked,gzip', 'gzip'],
  ['gzip, aws-chunked', 'gzip'],
  ['aws-chunked,', undefined],
  ['br,gzip', 'br, gzip'],
])('Content-Encoding %j of S3 becomes %j.', async (stored, sent) => {
  scene.s3.put('a', 'object');
  scene.s3.inject({ kind: 'headers', set: { 'Content-Encoding': stored } });
  const answer = await scene.ask('/a');
  expect([answer.status, answer.headers['content-encoding']]).toEqual([200, sent]);
  expect(answer.text).toBe('object');
});

import { describe, expect, test } from 'vitest';
import { useScene } from '../support/open-scene.ts';

const scene = useScene();

const MODIFIED = new Date('2024-01-02T00:00:00Z');
const BEFORE = new Date('2024-01-01T00:00:00Z').toUTCString();
const SAME = MODIFIED.toUTCString();
const AFTER = new Date('2024-01-03T00:00:00Z').toUTCString();
const ETAG = '"the-tag"';

describe.each(['GET', 'HEAD'] as const)('%s', (method) => {
  test.each([
    [{ 'If-None-Match': ETAG }, 304],
    [{ 'If-None-Match': '*' }, 304],
    [{ 'If-None-Match': `"x", ${ETAG}` }, 304],
    [{ 'If-None-Match': '"x"' }, 200],
    [{ 'If-Modified-Since': SAME }, 304],
    [{ 'If-Modified-Since': AFTER }, 304],
    [{ 'If-Modified-Since': BEFORE }, 200],
    [{ 'If-Modified-Since': 'yesterday' }, 200],
    [{ 'If-Match': ETAG }, 200],
    [{ 'If-Match': '"x"' }, 412],
    [{ 'If-Match': '*' }, 200],
    [{ 'If-Unmodified-Since': BEFORE }, 412],
    [{ 'If-Unmodified-Since': SAME }, 200],
    [{ 'If-None-Match': ETAG, 'If-Modified-Since': BEFORE }, 304],
    [{ 'If-None-Match': '"x"', 'If-Modified-Since': AFTER }, 200],
    [{ 'If-Match': ETAG, 'If-Unmodified-Since': BEFORE }, 200],
    [{ 'If-Match': '"x"', 'If-None-Match': ETAG }, 412],
    [{ 'If-Match': ETAG, Range: 'bytes=0-1' }, 206],
    [{ 'If-Match': '"x"', Range: 'bytes=0-1' }, 412],
    [{ 'If-None-Match': ETAG, Range: 'bytes=0-1' }, 304],
    [{ 'If-None-Match': ETAG, Range: 'bytes=99-' }, 304],
  ])('%j is %i.', async (headers, status) => {
    scene.s3.put('a', 'object', { etag: ETAG, lastModified: MODIFIED });
    const answer = await scene.ask('/a', { method, headers: headers });
    expect([answer.status, answer.isComplete]).toEqual([status, true]);
    if (status < 400) expect(answer.headers).toMatchObject({ etag: ETAG, 'last-modified': SAME });
    if (status === 304) expect(answer.body.length).toBe(0);
    expect(scene.onlySeen().status).toBe(status);
    expect(await scene.proxy.nextReport()).toMatchObject({
      status,
      s3Status: status,
      bytes: answer.body.length,
      attempts: 1,
      failure: undefined,
    });
  });
});

test('After a 304 both connections go on.', async () => {
  scene.s3.put('a', 'object', { etag: ETAG });
  const connection = scene.connect();
  for (let round = 0; round < 3; round += 1) {
    expect(await connection.get('/a', `If-None-Match: ${ETAG}`).readResponse()).toMatchObject({
      status: 304,
    });
    expect(await connection.get('/a').readResponse()).toMatchObject({ status: 200, text: 'object' });
  }
  expect(scene.s3.connectionsMade()).toBe(1);
});

import { describe, expect, test } from 'vitest';
import { useScene } from '../support/open-scene.ts';

const scene = useScene();

const MODIFIED = new Date('2024-01-02T00:00:00Z');
const ETAG = '"the-tag"';
const DIGITS = '0123456789';

function ask(ifRange: string, range = 'bytes=2-3', method = 'GET') {
  scene.s3.put('a', DIGITS, { etag: ETAG, lastModified: MODIFIED });
  return scene.ask('/a', { method, headers: { 'If-Range': ifRange, Range: range } });
}

function rangesSeen(): (string | undefined)[] {
  return scene.s3.seen.map(({ header }) => header('range'));
}

describe('A validator that still holds: the range, with one request to S3.', () => {
  test.each([ETAG, MODIFIED.toUTCString()])('%s', async (validator) => {
    expect(await ask(validator)).toMatchObject({
      status: 206,
      text: '23',
      headers: { 'content-range': 'bytes 2-3/10' },
    });
    expect(rangesSeen()).toEqual(['bytes=2-3']);
    expect(await scene.proxy.nextReport()).toMatchObject({ status: 206, attempts: 1, range: 'bytes=2-3' });
  });
});

describe('A validator that does not hold: the whole object, asked for again without the range.', () => {
  test.each([
    '"another-tag"',
    `W/${ETAG}`,
    'the-tag',
    '*',
    `${ETAG}, "x"`,
    new Date('2024-01-01T00:00:00Z').toUTCString(),
    new Date('2024-01-03T00:00:00Z').toUTCString(),
    'yesterday',
    '',
  ])('%j', async (validator) => {
    const answer = await ask(validator);
    expect(answer).toMatchObject({
      status: 200,
      text: DIGITS,
      isComplete: true,
      headers: { 'content-length': '10' },
    });
    expect(answer.headers['content-range']).toBeUndefined();
    expect(rangesSeen()).toEqual(['bytes=2-3', undefined]);
    expect(await scene.proxy.nextReport()).toMatchObject({
      status: 200,
      bytes: 10,
      attempts: 2,
      failure: undefined,
    });
  });
});

test('A date is no strong validator while the object may still change within its second (RFC 9110 §8.8.2.2).', async () => {
  const now = new Date();
  scene.s3.put('a', DIGITS, { lastModified: now });
  const headers = { 'If-Range': scene.s3.objects.get('a')!.lastModified.toUTCString(), Range: 'bytes=2-3' };
  scene.s3.inject({ kind: 'headers', set: { Date: headers['If-Range'] } });
  expect(await scene.ask('/a', { headers })).toMatchObject({ status: 200, text: DIGITS });
});

describe('Where the range lies outside', () => {
  test('of the same object, it is 416.', async () => {
    expect(await ask(ETAG, 'bytes=10-')).toMatchObject({
      status: 416,
      headers: { 'content-range': 'bytes */10' },
    });
    expect(rangesSeen()).toEqual(['bytes=10-', undefined]);
    expect(await scene.proxy.nextReport()).toMatchObject({ status: 416, attempts: 2 });
    await scene.s3.waitFor(() => scene.s3.openConnections() <= 1, "the end of the whole object's connection");
  });

  test('of an object that has changed, it is the new one, whole.', async () => {
    expect(await ask('"another-tag"', 'bytes=10-')).toMatchObject({ status: 200, text: DIGITS });
    expect(await scene.proxy.nextReport()).toMatchObject({ status: 200, attempts: 2, s3Status: 200 });
  });

  test('and the second question fails, that is the answer.', async () => {
    scene.s3.inject({ kind: 'status', status: 404, code: 'NoSuchKey' }, { nth: 2 });
    expect(await ask(ETAG, 'bytes=10-')).toMatchObject({ status: 404 });
  });
});

test('HEAD: a validator that does not hold gives the whole length.', async () => {
  expect(await ask('"another-tag"', 'bytes=2-3', 'HEAD')).toMatchObject({
    status: 200,
    text: '',
    headers: { 'content-length': '10' },
  });
});

test('Without Range, If-Range means nothing (RFC 9110 §13.1.5).', async () => {
  scene.s3.put('a', DIGITS);
  expect(await scene.ask('/a', { headers: { 'If-Range': '"x"' } })).toMatchObject({
    status: 200,
    text: DIGITS,
  });
  expect(await scene.proxy.nextReport()).toMatchObject({ attempts: 1 });
});

test('An object that changes between the two questions comes whole in its new state.', async () => {
  scene.s3.inject({ kind: 'etag', etag: '"newer"' }, { nth: 2 });
  expect(await ask('"another-tag"')).toMatchObject({
    status: 200,
    text: DIGITS,
    headers: { etag: '"newer"' },
  });
});

test('A client that leaves between the two questions is not asked for again.', async () => {
  scene.s3.put('a', DIGITS, { etag: ETAG });
  scene.s3.inject({ kind: 'stall', at: 'before-head' });
  const connection = scene.connect().get('/a', 'Range: bytes=2-3', 'If-Range: "x"');
  await scene.s3.waitFor(() => scene.s3.seen[0]?.state === 'stalled', 'the first question');
  connection.destroy();
  await scene.s3.waitFor(() => scene.s3.openConnections() === 0, "the end of S3's connection");
  expect(await scene.proxy.nextReport()).toMatchObject({ failure: 'client_gone', attempts: 1 });
  expect(scene.s3.seen).toHaveLength(1);
});

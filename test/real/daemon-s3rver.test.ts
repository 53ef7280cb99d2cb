import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import hostileKeys from '../fixtures/hostile-keys.json' with { type: 'json' };
import { encodeS3Path } from '../servers/send-signed-request.ts';
import { type S3rver, startS3rver } from '../servers/start-s3rver.ts';
import { sendRequest } from '../support/send-request.ts';
import { startProxy, type TestProxy } from '../support/start-proxy.ts';

const BUCKET = 'second-opinion';
const KEY = 'film/segment 1+2.ts';
const BODY = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 251));
// Keys become file names in s3rver: these cannot be one, or share one with another key.
const NO_FILE_NAME = /^\/|\/$|\/\/|(?:^|\/)\.{1,2}(?:\/|$)/;
const keys = hostileKeys.filter((key) => !NO_FILE_NAME.test(key));

let s3rver: S3rver;
let proxy: TestProxy;

beforeAll(async () => {
  s3rver = await startS3rver();
  await s3rver.createBucket(BUCKET);
  await s3rver.putObject(BUCKET, KEY, BODY, { 'content-type': 'video/mp2t', 'cache-control': 'max-age=60' });
  await s3rver.putObject(BUCKET, 'empty', Buffer.alloc(0));
  proxy = await startDaemon(s3rver.secretAccessKey);
});

afterAll(async () => {
  await proxy.close();
  await s3rver.close();
});

function startDaemon(secretAccessKey: string): Promise<TestProxy> {
  const { port, region, accessKeyId } = s3rver;
  return startProxy({
    settings: { 's3.bucket': BUCKET, 's3.region': region, 's3.endpoint': `http://127.0.0.1:${port}` },
    credentials: { accessKeyId, secretAccessKey, sessionToken: 'a/session+token=' },
  });
}

function ask(headers: Readonly<Record<string, string>> = {}, { key = KEY, method = 'GET' } = {}) {
  return sendRequest(proxy.port, encodeS3Path(key), { method, headers });
}

test('a signed read is right, and so is its head', async () => {
  const whole = await ask();
  const head = await ask({}, { method: 'HEAD' });
  for (const { status, headers } of [whole, head]) {
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'video/mp2t',
      'cache-control': 'max-age=60',
      'content-length': '1000',
      etag: whole.headers.etag,
    });
    expect(Object.keys(headers).filter((name) => name.startsWith('x-'))).toEqual([]);
  }
  expect([whole.body, head.body.length]).toEqual([BODY, 0]);
});

test('a signature by another secret is 403', async () => {
  const stranger = await startDaemon('wrong');
  try {
    for (const method of ['GET', 'HEAD'])
      expect((await sendRequest(stranger.port, encodeS3Path(KEY), { method })).status).toBe(403);
  } finally {
    await stranger.close();
  }
});

test.each([
  ['bytes=10-19', 'bytes 10-19/1000'],
  ['bytes=990-', 'bytes 990-999/1000'],
  ['bytes=0-99999', 'bytes 0-999/1000'],
])('the range %s is right', async (range, contentRange) => {
  const { status, headers, body } = await ask({ Range: range });
  expect([status, headers['content-range']]).toEqual([206, contentRange]);
  const [, first, last] = /(\d+)-(\d+)/.exec(contentRange)!;
  expect(body).toEqual(BODY.subarray(Number(first), Number(last) + 1));
});

// s3rver answers these with other bytes than were asked for, under a right status: they must not pass for media.
test.each(['bytes=-7', 'bytes=0-0'])('the range %s, which s3rver gets wrong, is 502', async (range) => {
  const { status, text } = await ask({ Range: range });
  expect(status).toBe(502);
  expect(text).toContain('<Message>S3 sent other bytes than were asked for.</Message>');
});

test('a range beyond the end is 416 and tells the size, which s3rver says in its XML only', async () => {
  for (const [key, size] of [
    [KEY, 1000],
    ['empty', 0],
  ] as const) {
    const { status, headers } = await ask({ Range: 'bytes=5000-' }, { key });
    expect([key, status, headers['content-range']]).toEqual([key, 416, `bytes */${size}`]);
  }
});

test('conditions that s3rver knows are right', async () => {
  const { etag = '' } = (await ask({}, { method: 'HEAD' })).headers;
  expect((await ask({ 'If-None-Match': etag })).status).toBe(304);
  expect((await ask({ 'If-Modified-Since': new Date().toUTCString() })).status).toBe(304);
  expect((await ask({ 'If-None-Match': '"other"' })).body).toEqual(BODY);
  expect((await ask({ 'If-Range': '"other"', Range: 'bytes=10-19' })).body).toEqual(BODY);
  expect((await ask({ 'If-Range': etag, Range: 'bytes=10-19' })).body).toEqual(BODY.subarray(10, 20));
});

test('a missing object is 404, by GET and by HEAD', async () => {
  for (const method of ['GET', 'HEAD']) expect((await ask({}, { key: 'none', method })).status).toBe(404);
});

describe('of the hostile keys, those that can be file names', () => {
  test('are most', () => {
    expect(keys.length).toBeGreaterThan(30);
  });

  // s3rver takes a raw plus for a space, as AWS does: only a percent-encoded one finds its object.
  test('name each its own object', async () => {
    for (const key of keys) await s3rver.putObject(BUCKET, key, Buffer.from(`body of ${key}`));
    const answers: unknown[] = [];
    for (const key of keys) {
      const { status, text } = await sendRequest(proxy.port, encodeS3Path(key).replaceAll('%2B', '+'));
      answers.push([key, status, text]);
    }
    expect(answers).toEqual(keys.map((key) => [key, 200, `body of ${key}`]));
  });
});

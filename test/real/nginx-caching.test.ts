import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { loadTrace, expectedBody, replayTrace, traceObjects } from '../servers/packager-trace.ts';
import { type DeveloperStub, startDeveloperStub } from '../servers/start-developer-stub.ts';
import { type RunningNginx, startNginx } from '../servers/start-nginx.ts';
import { sendRequest } from '../support/send-request.ts';

const CONF =
  'include /etc/nginx/s3-helper/upstream-s3-helper.conf; include /etc/nginx/s3-helper/caching.conf;';
const MIB = 2 ** 20;
const RENEWAL_DEADLINE_MS = 10_000;
const requests = loadTrace();
const objects = traceObjects(requests);
const clip = objects.get('small/clip.mp4')!;

let stub: DeveloperStub;
let cache: RunningNginx;
let seenLines = 0;

/** What the cache asked since the last call: `request line, range, status`, without the marker that syncs the log. */
async function readsOfCache(): Promise<string[]> {
  await sendRequest(stub.port, '/marker', { headers: { Range: 'bytes=0-0' } });
  const lines = stub
    .accessLog()
    .trimEnd()
    .split('\n')
    .filter((line) => line !== '' && !line.includes('/marker'));
  const fresh = lines
    .slice(seenLines)
    .map((line) => /^\d+ "\w+ (.+) HTTP\/1\.1" (\S+ \d+)/.exec(line)?.slice(1).join(' '));
  seenLines = lines.length;
  return fresh.map((line) => line ?? 'not HTTP/1.1');
}

async function read(target: string, headers: Record<string, string> = {}) {
  return sendRequest(cache.port, target, { headers });
}

describe('the cache', () => {
  beforeAll(async () => {
    stub = await startDeveloperStub({ objects });
    cache = await startNginx({
      conf: CONF,
      replacements: { 'server 127.0.0.1:8080': `server ${stub.upstream}` },
    });
  });
  afterAll(async () => {
    await cache.close();
    await stub.close();
  });
  beforeEach(() => readsOfCache());

  test('asks for whole slices, and answers a second read without asking', async () => {
    const headers = { Range: 'bytes=5-1048580' };
    const first = await read('/small/clip.mp4', headers);
    const last = clip.length - 1;
    expect(await readsOfCache()).toEqual([
      '/small/clip.mp4 bytes=0-1048575 206',
      `/small/clip.mp4 bytes=${MIB}-${2 * MIB - 1} 206`,
    ]);
    const second = await read('/small/clip.mp4', headers);
    const other = await read('/small/clip.mp4', { Range: `bytes=1000000-${last}` });
    const whole = await read('/small/clip.mp4');
    const head = await sendRequest(cache.port, '/small/clip.mp4', { method: 'HEAD' });
    expect(await readsOfCache()).toEqual([]);

    expect([first, second, other, whole, head].map(({ status }) => status)).toEqual([
      206, 206, 206, 200, 200,
    ]);
    expect(first.headers['x-cache-status']).toBe('MISS');
    expect(second.headers['x-cache-status']).toBe('HIT');
    expect(first.headers['content-range']).toBe(`bytes 5-1048580/${clip.length}`);
    expect(first.body.equals(clip.subarray(5, 1_048_581))).toBe(true);
    expect(second.body.equals(first.body)).toBe(true);
    expect(other.body.equals(clip.subarray(1_000_000))).toBe(true);
    expect(whole.body.equals(clip)).toBe(true);
    expect(head.headers['content-length']).toBe(String(clip.length));
  });

  test('serves the whole recorded playback, byte for byte, twice, and asks once for each slice', async () => {
    const answers = [
      ...(await replayTrace({ port: cache.port, requests })),
      ...(await replayTrace({ port: cache.port, requests })),
    ];
    const isRight = answers.map(({ status, body }, index) => {
      const traced = requests[index % requests.length]!;
      return status === traced.status && (expectedBody(traced, objects)?.equals(body) ?? true);
    });
    expect(isRight).toEqual(answers.map(() => true));
    const reads = await readsOfCache();
    expect(new Set(reads).size).toBe(reads.length);
  });

  test('asks once when many clients come at the same time', async () => {
    stub.put('crowd.bin', clip.subarray(0, MIB));
    const answers = await Promise.all(Array.from({ length: 12 }, () => read('/crowd.bin')));
    expect(answers.every(({ body }) => body.equals(clip.subarray(0, MIB)))).toBe(true);
    expect(await readsOfCache()).toEqual([`/crowd.bin bytes=0-${MIB - 1} 206`]);
  });

  test('passes a 404 on and keeps it for moments', async () => {
    const answers = [await read('/nothing.mp4'), await read('/nothing.mp4', { Range: 'bytes=5-6' })];
    expect(answers.map(({ status }) => status)).toEqual([404, 404]);
    expect(await readsOfCache()).toEqual([`/nothing.mp4 bytes=0-${MIB - 1} 404`]);
  });

  test('answers 416 beyond the end, in the last slice and after it, and stores no 416', async () => {
    const inLastSlice = await read('/small/clip.mp4', { Range: 'bytes=2000000-' });
    const farBeyond = await read('/small/clip.mp4', { Range: 'bytes=9999999-' });
    const again = await read('/small/clip.mp4', { Range: 'bytes=9999999-' });
    for (const { status, headers } of [inLastSlice, farBeyond, again]) {
      expect([status, headers['content-range']]).toEqual([416, `bytes */${clip.length}`]);
    }
    expect((await readsOfCache()).filter((line) => line.endsWith(' 416'))).toHaveLength(2);
  });

  test('answers suffix ranges and conditions like S3', async () => {
    const { headers } = await read('/small/clip.mp4', { Range: 'bytes=0-0' });
    const etag = headers.etag ?? '';
    const statusOf = async (sent: Record<string, string>) => (await read('/small/clip.mp4', sent)).status;
    expect((await read('/small/clip.mp4', { Range: 'bytes=-7' })).body.equals(clip.subarray(-7))).toBe(true);
    expect(await statusOf({ 'If-None-Match': etag })).toBe(304);
    expect(await statusOf({ 'If-Modified-Since': new Date().toUTCString() })).toBe(304);
    expect(await statusOf({ 'If-Match': '"other"' })).toBe(412);
    expect(await statusOf({ 'If-Range': etag, Range: 'bytes=0-0' })).toBe(206);
    expect(await statusOf({ 'If-Range': '"other"', Range: 'bytes=0-0' })).toBe(200);
    expect(await statusOf({ Range: 'bytes=0-0,5-5' })).toBe(200);
  });

  test('keeps keys, versions and look-alikes apart, and drops the rest of a query', async () => {
    stub.put('v', Buffer.from('plain'));
    stub.put('v?versionId=1', Buffer.from('look-alike'));
    stub.put('a+b c', Buffer.from('plus'));
    const texts = [];
    for (const target of [
      '/v',
      '/v?x=1',
      '/v?versionId=1&x=2',
      '/v%3FversionId=1',
      '/v?versionId=1',
      '/a+b%20c',
      '/a%2Bb%20c',
    ]) {
      texts.push((await read(target)).text);
    }
    expect(texts).toEqual(['plain', 'plain', 'plain', 'look-alike', 'plain', 'plus', 'plus']);
    const range = `bytes=0-${MIB - 1}`;
    expect(await readsOfCache()).toEqual([
      `/v ${range} 206`,
      `/v?versionId=1 ${range} 206`,
      `/v%3FversionId=1 ${range} 206`,
      `/a+b%20c ${range} 206`,
    ]);
  });

  test('lets s3-helper refuse other methods', async () => {
    const answer = await sendRequest(cache.port, '/small/clip.mp4', { method: 'POST' });
    expect([answer.status, answer.headers.allow]).toEqual([405, 'GET, HEAD']);
  });
});

test('an expired slice is renewed by a 304, and served stale while s3-helper is away', async () => {
  stub = await startDeveloperStub({ objects });
  seenLines = 0;
  const replacements = { 'server 127.0.0.1:8080': `server ${stub.upstream}`, '206 7d;': '206 1s;' };
  cache = await startNginx({ conf: CONF, replacements });
  try {
    await read('/json/show.json');
    await untilCacheSays('REVALIDATED');
    const reads = await readsOfCache();
    expect(reads.map((line) => line.slice(-3))).toEqual(['206', ...reads.slice(1).map(() => '304')]);
    await stub.close();
    const stale = await untilCacheSays('STALE');
    expect([stale.status, stale.text]).toEqual([200, objects.get('json/show.json')!.toString()]);
  } finally {
    await cache.close();
    await stub.close();
  }
});

/** A slice expires by the clock of nginx, of which there is no event. */
async function untilCacheSays(status: string) {
  const deadline = performance.now() + RENEWAL_DEADLINE_MS;
  while (performance.now() < deadline) {
    const answer = await read('/json/show.json');
    if (answer.headers['x-cache-status'] === status) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`The cache did not say ${status} within ${RENEWAL_DEADLINE_MS} ms`);
}

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeS3Path, type S3Answer, type S3Server, sendSigned } from '../servers/send-signed-request.ts';
import { type Swift, startSwift } from '../servers/start-swift.ts';
import { type Answer, sendRequest } from '../support/send-request.ts';
import { startProxy, type TestProxy } from '../support/start-proxy.ts';
import { waitUntil } from '../support/with-deadline.ts';

const BUCKET = 'reads';
const KEY = 'film/segment 1.ts';
const BODY = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 251));
const LONG_AGO = 'Thu, 01 Jan 2015 00:00:00 GMT';
/** What an uploader may say of an object, and a client shall hear. */
const STORED = {
  'content-type': 'video/mp2t',
  'cache-control': 'max-age=60',
  'content-disposition': 'attachment; filename="s.ts"',
  'content-encoding': 'identity',
  'content-language': 'en',
  expires: 'Thu, 01 Jan 2032 00:00:00 GMT',
};

let swift: Swift;
let server: S3Server;
let proxy: TestProxy;
let etag: string;
let lastModified: string;

beforeAll(async () => {
  swift = await startSwift();
  const { httpPort: port, region, accessKeyId, secretAccessKey } = swift;
  server = { port, region, accessKeyId, secretAccessKey };
  await swift.createBucket(BUCKET);
  await swift.putObject(BUCKET, KEY, BODY, { ...STORED, 'x-amz-meta-take': '7' });
  await swift.putObject(BUCKET, 'empty', Buffer.alloc(0));
  proxy = await startProxy({
    settings: { 's3.bucket': BUCKET, 's3.region': region, 's3.endpoint': `http://127.0.0.1:${port}` },
    credentials: swift,
  });
  const { headers } = await sendRequest(proxy.port, encodeS3Path(KEY), { method: 'HEAD' });
  etag = headers.etag ?? '';
  lastModified = headers['last-modified'] ?? '';
});

afterAll(async () => {
  await proxy.close();
  await swift.close();
});

type Headers = Readonly<Record<string, string>>;
type Method = 'GET' | 'HEAD';

function ask(headers: Headers, { key = KEY, method = 'GET', query = '' } = {}): Promise<Answer> {
  return sendRequest(proxy.port, `${encodeS3Path(key)}${query}`, { method, headers });
}

/** The same question, put to Swift itself by the reference signer. */
function askSwift(headers: Headers, { key = KEY, method = 'GET' }: { key?: string; method?: Method } = {}) {
  return sendSigned(server, { method, path: encodeS3Path(BUCKET, key), headers });
}

/** What a reader goes by. */
function essence({ status, headers, body }: Answer | S3Answer) {
  const { 'content-length': length, 'content-range': range, etag: tag, 'last-modified': date } = headers;
  return { status, length, range, tag, date, type: headers['content-type'], body: body.toString('latin1') };
}

describe('a read is answered as Swift answers it', () => {
  test.each([
    ['closed', 'bytes=10-19', 206, 'bytes 10-19/1000'],
    ['of one byte', 'bytes=5-5', 206, 'bytes 5-5/1000'],
    ['of the first byte', 'bytes=0-0', 206, 'bytes 0-0/1000'],
    ['of the last byte', 'bytes=999-999', 206, 'bytes 999-999/1000'],
    ['open', 'bytes=990-', 206, 'bytes 990-999/1000'],
    ['that is the whole', 'bytes=0-', 206, 'bytes 0-999/1000'],
    ['of a suffix', 'bytes=-7', 206, 'bytes 993-999/1000'],
    ['of a suffix longer than the object', 'bytes=-9999', 206, 'bytes 0-999/1000'],
    ['past the end', 'bytes=990-99999', 206, 'bytes 990-999/1000'],
    ['backwards', 'bytes=9-3', 200, undefined],
    ['in another unit', 'seconds=1-2', 200, undefined],
    ['malformed', 'bytes=x', 200, undefined],
  ])('a range %s: %s', async (_, range, status, contentRange) => {
    for (const method of ['GET', 'HEAD'] as const) {
      const answer = await ask({ Range: range }, { method });
      expect(essence(answer)).toEqual(essence(await askSwift({ range }, { method })));
      expect([answer.status, answer.headers['content-range']]).toEqual([status, contentRange]);
      expect(answer.isComplete).toBe(true);
    }
  });

  test.each([[KEY], ['empty']])('the whole of %s, and its head', async (key) => {
    const [got, head] = [await ask({}, { key }), await ask({}, { key, method: 'HEAD' })];
    expect(essence(got)).toEqual(essence(await askSwift({}, { key })));
    expect(essence(head)).toEqual({ ...essence(got), body: '' });
    expect(got.status).toBe(200);
  });

  test('several ranges, of which Swift makes a multipart body', async () => {
    const { status, headers, text } = await ask({ Range: 'bytes=65-66,70-71' });
    expect([status, headers['content-length']]).toEqual([206, String(text.length)]);
    const [, boundary = 'none'] = /^multipart\/byteranges;boundary=(\w+)$/.exec(
      headers['content-type'] ?? '',
    )!;
    expect(text.split(`--${boundary}`)).toHaveLength(4);
    expect(text).toContain('Content-Range: bytes 70-71/1000\r\n\r\nFG\r\n');
  });

  test.each([
    ['beyond the end', KEY, 'bytes=1000-'],
    ['of no byte at all', KEY, 'bytes=-0'],
    ['of an empty object', 'empty', 'bytes=0-0'],
  ])('a range %s is 416', async (_, key, range) => {
    const direct = await askSwift({ range }, { key });
    // Swift says the size nowhere, so there is none to pass on; S3's XML has it, and s3rver's.
    expect([direct.status, direct.headers['content-range']]).toEqual([416, undefined]);
    expect(direct.body.toString()).not.toContain('ActualObjectSize');
    for (const method of ['GET', 'HEAD']) {
      const { status, text, headers } = await ask({ Range: range }, { key, method });
      expect([method, status, headers['content-range']]).toEqual([method, 416, undefined]);
      if (method === 'GET') expect(text).toContain('<Code>InvalidRange</Code>');
    }
  });
});

describe('a condition', () => {
  test.each<[string, () => Headers, number]>([
    ['If-None-Match of its tag', () => ({ 'If-None-Match': etag }), 304],
    ['If-None-Match of anything', () => ({ 'If-None-Match': '*' }), 304],
    ['If-None-Match of a list with its tag', () => ({ 'If-None-Match': `"a", ${etag}` }), 304],
    ['If-None-Match of another tag', () => ({ 'If-None-Match': '"a"' }), 200],
    ['If-None-Match of its tag, with a range', () => ({ 'If-None-Match': etag, Range: 'bytes=0-1' }), 304],
    [
      'If-None-Match of its tag, and an old date',
      () => ({ 'If-None-Match': etag, 'If-Modified-Since': LONG_AGO }),
      304,
    ],
    ['If-Match of its tag', () => ({ 'If-Match': etag }), 200],
    ['If-Match of its tag, with a range', () => ({ 'If-Match': etag, Range: 'bytes=0-1' }), 206],
    ['If-Match of another tag', () => ({ 'If-Match': '"a"' }), 412],
    ['If-Match of another tag, with a range', () => ({ 'If-Match': '"a"', Range: 'bytes=0-1' }), 412],
    ['If-Modified-Since of its date', () => ({ 'If-Modified-Since': lastModified }), 304],
    ['If-Modified-Since of long ago', () => ({ 'If-Modified-Since': LONG_AGO }), 200],
    ['If-Unmodified-Since of its date', () => ({ 'If-Unmodified-Since': lastModified }), 200],
    ['If-Unmodified-Since of long ago', () => ({ 'If-Unmodified-Since': LONG_AGO }), 412],
    ['If-Modified-Since of something else', () => ({ 'If-Modified-Since': 'yesterday' }), 200],
  ])('%s', async (_, createHeaders, status) => {
    const headers = createHeaders();
    for (const method of ['GET', 'HEAD'] as const) {
      const direct = await askSwift(headers, { method });
      const answer = await ask(headers, { method });
      expect([answer.status, answer.isComplete]).toEqual([direct.status, true]);
      // Of HEAD, Swift makes a 416 where a 304 meets a range.
      if (method === 'GET') expect(answer.status).toBe(status);
      if (status < 300) expect(essence(answer)).toEqual(essence(direct));
    }
  });

  test('that spares the body leaves the validators and the caching', async () => {
    const { headers, body } = await ask({ 'If-None-Match': etag });
    expect(body).toHaveLength(0);
    const { date, connection, ...rest } = headers;
    expect(rest).toEqual({
      etag,
      'last-modified': lastModified,
      'cache-control': STORED['cache-control'],
      expires: STORED.expires,
    });
    expect(Math.abs(Date.parse(date ?? '') - Date.now())).toBeLessThan(60_000);
    expect(connection).not.toBe('');
  });

  test('that fails has a body of our own', async () => {
    const { text } = await ask({ 'If-Unmodified-Since': LONG_AGO });
    expect(text).toContain('<Code>PreconditionFailed</Code>');
  });
});

// Swift does not know If-Range, as S3 does not: all of this is the daemon's own.
describe('If-Range', () => {
  const range = 'bytes=10-19';
  test('is unknown to Swift', async () => {
    expect((await askSwift({ range, 'if-range': '"other"' })).status).toBe(206);
  });

  test.each<[string, () => string, string, number]>([
    ['its tag: the range', () => etag, range, 206],
    ['another tag: the whole', () => '"other"', range, 200],
    ['its tag, but weak: the whole', () => `W/${etag}`, range, 200],
    ['another date: the whole', () => LONG_AGO, range, 200],
    ['its tag, beyond the end: 416', () => etag, 'bytes=5000-', 416],
    ['another tag, beyond the end: the whole', () => '"other"', 'bytes=5000-', 200],
  ])('of %s', async (_, createValidator, asked, status) => {
    const answer = await ask({ Range: asked, 'If-Range': createValidator() });
    expect([answer.status, answer.isComplete]).toEqual([status, true]);
    if (status < 300) expect(answer.body).toEqual(status === 206 ? BODY.subarray(10, 20) : BODY);
  });

  test('of its date: the range, once the date is old enough to be sure of', async () => {
    const isSure = () => Date.now() >= Date.parse(lastModified) + 1000;
    await waitUntil(isSure, 'a second after the last modification');
    const answer = await ask({ Range: range, 'If-Range': lastModified });
    expect([answer.status, answer.body]).toEqual([206, BODY.subarray(10, 20)]);
  });

  test('without a range is nothing', async () => {
    expect((await ask({ 'If-Range': '"other"' })).body).toEqual(BODY);
  });
});

describe('a missing object', () => {
  test('is 404 in our own words', async () => {
    const { status, text, headers } = await ask({ Range: 'bytes=0-1' }, { key: 'secret/name.ts' });
    expect([status, headers['content-length']]).toEqual([404, String(text.length)]);
    expect(text).toContain('<Code>NoSuchKey</Code>');
    expect(text).not.toContain('secret');
  });

  test('is 404 for HEAD too, with no body, and the connection goes on', async () => {
    const { status, body, isComplete } = await ask({}, { key: 'none', method: 'HEAD' });
    expect([status, body.length, isComplete]).toEqual([404, 0, true]);
  });
});

test('a head has the standard fields of the object and nothing of the server', async () => {
  const { headers } = await ask({});
  const { date, connection, ...rest } = headers;
  expect(rest).toEqual({ ...STORED, etag, 'last-modified': lastModified, 'content-length': '1000' });
  expect([typeof date, typeof connection]).toEqual(['string', 'string']);
});

describe('a query', () => {
  test.each([
    ['acl'],
    ['acl='],
    ['%61cl'],
    ['uploads'],
    ['tagging'],
    ['list-type=2&prefix=film'],
    ['X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=00'],
    ['AWSAccessKeyId=a&Signature=b&Expires=1'],
  ])('of %s still reads the object', async (query) => {
    const answer = await ask({}, { query: `?${query}` });
    expect([answer.status, answer.body]).toEqual([200, BODY]);
  });

  test.each(['/', '/?list-type=2', '/?acl', '/?versioning'])('%s reads nothing', async (target) => {
    const { status, text } = await sendRequest(proxy.port, target);
    expect([status, text.includes('<Code>NoSuchKey</Code>')]).toEqual([404, true]);
  });

  test('sets the headers that S3 lets it set', async () => {
    const query = '?response-cache-control=no-store&acl&response-content-type=text%2Fplain;+charset%3D"ä"';
    const answer = await ask({}, { query: query.replace('ä', '%C3%A4') });
    expect(answer.body).toEqual(BODY);
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store' });
    expect(answer.headers['content-type']).toMatch(/^text\/plain; charset=/);
  });
});

test('a version is read by its id, a deleted object is missing, and its versions are not', async () => {
  const put = async (body: string, path = encodeS3Path('versions', 'k'), query = {}) => {
    const { status, headers } = await sendSigned(server, {
      method: 'PUT',
      path,
      query,
      body: Buffer.from(body),
    });
    expect(status).toBe(200);
    return String(headers['x-amz-version-id']);
  };
  await swift.createBucket('versions');
  await put('<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>', '/versions', {
    versioning: '',
  });
  const first = await put('first');
  const second = await put('second');
  const versions = await startProxy({
    settings: {
      's3.bucket': 'versions',
      's3.region': swift.region,
      's3.endpoint': `http://127.0.0.1:${server.port}`,
    },
    credentials: swift,
  });
  const read = async (query: string) => {
    const { status, text, headers } = await sendRequest(versions.port, `/k${query}`);
    expect(headers).not.toHaveProperty('x-amz-version-id');
    return [status, status === 200 ? text : ''];
  };
  try {
    expect(await read('')).toEqual([200, 'second']);
    expect(await read(`?versionId=${first}&acl`)).toEqual([200, 'first']);
    await sendSigned(server, { method: 'DELETE', path: '/versions/k' });
    expect(await read('')).toEqual([404, '']);
    expect(await read(`?versionId=${second}`)).toEqual([200, 'second']);
    expect(await read('?versionId=1600000000.00000')).toEqual([404, '']);
  } finally {
    await versions.close();
  }
});

import { once } from 'node:events';
import { type IncomingMessage, Agent, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DemoS3, startDemoS3 } from '../../src/demo/demo-s3.ts';
import { storeObject } from '../../src/demo/stored-object.ts';
import { signForS3 } from '../servers/fake-s3-signer.ts';

const MODIFIED = new Date('2026-01-02T03:04:05Z');
const BEFORE = 'Fri, 02 Jan 2026 03:04:04 GMT';
const AT = 'Fri, 02 Jan 2026 03:04:05 GMT';
const CREDENTIAL = { accessKeyId: 'AKIADEMO', secretAccessKey: 'demo-secret' };
const ETAG = '"781e5e245d69b566979b86e28d23f2c7"';
const objects = new Map([
  [
    'ten',
    storeObject('0123456789', {
      lastModified: MODIFIED,
      contentType: 'video/mp4',
      headers: { 'Cache-Control': 'max-age=5', 'x-amz-meta-a': 'b' },
    }),
  ],
  ['empty', storeObject('')],
  ['/a b+é', storeObject('nasty')],
  ['large', storeObject({ size: 5_000_000, read: (_, length) => Buffer.alloc(length, 'x') })],
]);

let s3: DemoS3;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
beforeAll(async () => {
  s3 = await startDemoS3({ objects, bucket: 'media', region: 'eu-west-1', credentials: () => [CREDENTIAL] });
});
afterAll(async () => {
  agent.destroy();
  await s3.close();
});

interface Asking {
  readonly method?: string;
  readonly host?: string;
  readonly query?: Record<string, string>;
  /** Not signed. */
  readonly headers?: Record<string, string>;
}

interface Answered {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

async function ask(path: string, asking: Asking = {}): Promise<Answered> {
  const { method = 'GET', host = `127.0.0.1:${s3.port}`, query = {}, headers = {} } = asking;
  const signed = await signForS3({ method, path, query, host, region: 'eu-west-1', credential: CREDENTIAL });
  const search = new URLSearchParams(query).toString();
  const request = httpRequest({
    agent,
    port: s3.port,
    method,
    path: search === '' ? path : `${path}?${search}`,
    headers: { ...signed, ...headers },
  }).end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

test('sends an object with the headers of S3, and no more', async () => {
  const { status, headers, body } = await ask('/media/ten');
  expect([status, body]).toEqual([200, '0123456789']);
  expect(Object.keys(headers)).toEqual([
    'x-amz-id-2',
    'x-amz-request-id',
    'date',
    'last-modified',
    'etag',
    'x-amz-server-side-encryption',
    'accept-ranges',
    'content-type',
    'cache-control',
    'x-amz-meta-a',
    'content-length',
    'server',
  ]);
  expect(headers).toMatchObject({
    etag: ETAG,
    'last-modified': AT,
    'accept-ranges': 'bytes',
    'content-type': 'video/mp4',
    'content-length': '10',
    server: 'AmazonS3',
  });
});

test('keeps the connection open between answers', async () => {
  const signed = await signForS3({
    path: '/media/ten',
    host: 'a',
    region: 'eu-west-1',
    credential: CREDENTIAL,
  });
  const head = `GET /media/ten HTTP/1.1\r\n${Object.entries(signed)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n`;
  const socket = connect(s3.port, '127.0.0.1');
  let received = '';
  for (const expected of [1, 2]) {
    socket.write(head);
    while (received.split('0123456789').length <= expected)
      received += String((await once(socket, 'data'))[0]);
  }
  socket.destroy();
  expect(received.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
});

test('streams an object that is larger than any buffer', async () => {
  const { headers, body } = await ask('/media/large');
  expect([headers['content-length'], body.length]).toEqual(['5000000', 5_000_000]);
});

test('takes virtual-hosted style and a nasty key', async () => {
  expect((await ask('/ten', { host: 'media.s3.eu-west-1.amazonaws.com' })).body).toBe('0123456789');
  expect((await ask('//a%20b%2B%C3%A9', { host: 'media.localhost' })).body).toBe('nasty');
  expect((await ask('/media//a%20b%2B%C3%A9')).body).toBe('nasty');
});

describe('ranges', () => {
  test.each([
    ['bytes=0-0', '0', 'bytes 0-0/10'],
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=7-99999999999999999999', '789', 'bytes 7-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=-30', '0123456789', 'bytes 0-9/10'],
  ])('%s is sent', async (range, body, contentRange) => {
    const answer = await ask('/media/ten', { headers: { range } });
    expect(answer).toMatchObject({ status: 206, body, headers: { 'content-range': contentRange } });
    const head = await ask('/media/ten', { method: 'HEAD', headers: { range } });
    expect(head).toMatchObject({ status: 206, body: '', headers: { 'content-length': String(body.length) } });
  });

  test.each(['bytes=1-0', 'bytes=0-0,2-2', 'bytes=', 'bytes=-', 'bytes=a-b', 'chars=0-1'])(
    '%s is ignored',
    async (range) => {
      expect((await ask('/media/ten', { headers: { range } })).status).toBe(200);
    },
  );

  test.each([
    ['/media/ten', 'bytes=10-', '10'],
    ['/media/ten', 'bytes=-0', '10'],
    ['/media/empty', 'bytes=0-', '0'],
    ['/media/empty', 'bytes=-1', '0'],
  ])('of %s %s cannot be satisfied', async (path, range, size) => {
    const { status, headers, body } = await ask(path, { headers: { range } });
    expect([status, headers['content-range'], headers['transfer-encoding']]).toEqual([
      416,
      undefined,
      'chunked',
    ]);
    expect(body).toContain(`<Code>InvalidRange</Code>`);
    expect(body).toContain(
      `<RangeRequested>${range}</RangeRequested><ActualObjectSize>${size}</ActualObjectSize>`,
    );
  });

  test('a part is one, with 206', async () => {
    const part = await ask('/media/ten', { query: { partNumber: '1' } });
    expect(part).toMatchObject({ status: 206, headers: { 'content-range': 'bytes 0-9/10' } });
    expect((await ask('/media/ten', { query: { partNumber: '2' } })).status).toBe(416);
  });
});

describe('conditions', () => {
  test.each([
    [{ 'if-match': ETAG }, 200],
    [{ 'if-match': '*' }, 200],
    [{ 'if-match': `"x", ${ETAG}` }, 200],
    [{ 'if-match': '"x"' }, 412],
    [{ 'if-none-match': ETAG }, 304],
    [{ 'if-none-match': '"x"' }, 200],
    [{ 'if-modified-since': AT }, 304],
    [{ 'if-modified-since': BEFORE }, 200],
    [{ 'if-modified-since': 'yesterday' }, 200],
    [{ 'if-unmodified-since': AT }, 200],
    [{ 'if-unmodified-since': BEFORE }, 412],
    [{ 'if-match': ETAG, 'if-unmodified-since': BEFORE }, 200],
    [{ 'if-none-match': '"x"', 'if-modified-since': AT }, 200],
    [{ 'if-match': '"x"', 'if-none-match': ETAG }, 412],
    [{ 'if-none-match': ETAG, range: 'bytes=0-1' }, 304],
    [{ 'if-match': '"x"', range: 'bytes=99-' }, 412],
    [{ 'if-match': ETAG, range: 'bytes=0-1' }, 206],
    [{ 'if-range': '"x"', range: 'bytes=0-1' }, 206],
  ])('%j is answered with %i', async (headers, status) => {
    expect((await ask('/media/ten', { headers: headers })).status).toBe(status);
  });

  test('304 has the validators and nothing of a body; 412 says which condition', async () => {
    const { headers } = await ask('/media/ten', { headers: { 'if-none-match': ETAG } });
    expect(headers).toMatchObject({ etag: ETAG, 'last-modified': AT, 'cache-control': 'max-age=5' });
    expect(Object.keys(headers).filter((name) => /^content-|^transfer/.test(name))).toEqual([]);
    const failed = await ask('/media/ten', { headers: { 'if-match': '"x"' } });
    expect(failed.body).toContain('<Condition>If-Match</Condition>');
  });
});

describe('errors', () => {
  test.each([
    ['/media/none', {}, 404, 'NoSuchKey'],
    ['/other/ten', {}, 404, 'NoSuchBucket'],
    ['/media/%FF', {}, 400, 'InvalidURI'],
    [`/media/${'k'.repeat(1025)}`, {}, 400, 'KeyTooLongError'],
    ['/media/ten', { query: { acl: '' } }, 501, 'NotImplemented'],
    ['/media/ten', { query: { versionId: 'x' } }, 404, 'NoSuchVersion'],
    ['/media/ten', { method: 'DELETE' }, 405, 'MethodNotAllowed'],
    ['/media/ten', { headers: { 'x-amz-foo': '1' } }, 403, 'AccessDenied'],
  ])('%s %j: %i %s', async (path, asking, status, code) => {
    const answer = await ask(path, asking);
    expect([answer.status, answer.body]).toEqual([status, expect.stringContaining(`<Code>${code}</Code>`)]);
  });

  test('HEAD has the headers of the error and no body', async () => {
    const { status, headers, body } = await ask('/media/none', { method: 'HEAD' });
    expect([status, headers['content-type'], body]).toEqual([404, 'application/xml', '']);
  });
});

test('the bucket and the service can be listed, so that a test can tell', async () => {
  for (const path of ['/', '/media', '/media/']) {
    const { status, body } = await ask(path);
    expect([status, body]).toEqual([200, expect.stringContaining('<ListBucketResult>')]);
  }
  expect(await ask('/media', { method: 'HEAD' })).toMatchObject({
    status: 200,
    headers: { 'x-amz-bucket-region': 'eu-west-1' },
  });
});

test('response-* parameters replace headers', async () => {
  const { headers } = await ask('/media/ten', {
    query: { 'response-content-type': 'text/plain', 'response-expires': 'never' },
  });
  expect(headers).toMatchObject({ 'content-type': 'text/plain', expires: 'never' });
});

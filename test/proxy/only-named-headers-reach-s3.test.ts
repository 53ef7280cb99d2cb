import { expect, test } from 'vitest';
import { useScene } from '../support/open-scene.ts';

const scene = useScene();

/** What the daemon itself sends: the signature's headers. */
const OWN_HEADERS = ['authorization', 'host', 'x-amz-content-sha256', 'x-amz-date', 'x-amz-security-token'];
const CONDITIONS = ['if-match', 'if-modified-since', 'if-none-match', 'if-unmodified-since'];

function headerNames(): string[] {
  return (
    scene
      .onlySeen()
      .rawHeaders.filter((_, index) => index % 2 === 0)
      .map((name) => name.toLowerCase())
      // Of our own connection to S3; not every client that speaks to it says it.
      .filter((name) => name !== 'connection')
      .sort()
  );
}

test('Headers that are not named never reach S3, whatever they are and however often they come.', async () => {
  scene.s3.put('a', 'object');
  const connection = scene
    .connect()
    .get(
      '/a',
      'Authorization: AWS4-HMAC-SHA256 Credential=mine',
      'authorization: Bearer mine',
      'Cookie: session=mine',
      'X-Amz-Date: 20000101T000000Z',
      'x-amz-security-token: mine',
      'X-Amz-Content-Sha256: UNSIGNED-PAYLOAD',
      'x-amz-acl: public-read',
      'X-AMZ-Request-Payer: requester',
      'x-amz-server-side-encryption-customer-key: mine',
      'Proxy-Authorization: Basic mine',
      'Proxy-Connection: keep-alive',
      'X-Forwarded-For: 192.0.2.1',
      'X-Forwarded-Host: evil.example',
      'Forwarded: for=192.0.2.1',
      'Origin: http://evil.example',
      'Referer: http://evil.example/',
      'User-Agent: Player/1.0',
      'Accept: */*',
      'Accept-Encoding: gzip',
      'Cache-Control: no-cache',
      'Pragma: no-cache',
      'TE: trailers',
      'Trailer: X-Foo',
      'Keep-Alive: timeout=5',
      'Upgrade-Insecure-Requests: 1',
      'Date: Tue, 15 Nov 1994 08:12:31 GMT',
      'Content-Type: text/plain',
      'Content-Length: 0',
      'Content-MD5: mine',
      'Expect: mine',
      'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      'X-Amzn-Trace-Id: Root=1',
      'Icy-MetaData: 1',
      'If-Foo: 1',
      'X-If-Match: 1',
      'Range-Unit: bytes',
    );
  expect(await connection.readResponse()).toMatchObject({ status: 200, text: 'object' });
  expect(headerNames()).toEqual(OWN_HEADERS);
  const seen = scene.onlySeen();
  expect(JSON.stringify(seen.rawHeaders)).not.toMatch(/mine|Player|evil|20000101|UNSIGNED/);
  expect(seen.header('host')).toBe(`127.0.0.1:${scene.s3.port}`);
  expect(await scene.proxy.nextReport()).toMatchObject({ status: 200, failure: undefined });
});

test('A header that the client names in Connection is dropped like any other.', async () => {
  scene.s3.put('a', 'object');
  const connection = scene.connect().get('/a', 'Connection: X-Amz-Foo, keep-alive', 'X-Amz-Foo: 1');
  expect(await connection.readResponse()).toMatchObject({ status: 200 });
  expect(headerNames()).toEqual(OWN_HEADERS);
});

test('Range and the conditions reach S3 as they came, outside of the signature.', async () => {
  const { etag } = scene.s3.put('a', 'object', { lastModified: new Date('2024-01-01T00:00:00Z') });
  const connection = scene
    .connect()
    .get(
      '/a',
      'RANGE:   bytes=1-3  ',
      `IF-MATCH: "x" ,   ${etag}`,
      'If-None-Match: "other"',
      'if-modified-since: Sun, 31 Dec 2023 00:00:00 GMT',
      'If-Unmodified-Since: Fri, 01 Jan 2027 00:00:00 GMT',
    );
  expect(await connection.readResponse()).toMatchObject({ status: 206, text: 'bje' });
  expect(headerNames()).toEqual([...OWN_HEADERS, ...CONDITIONS, 'range'].sort());
  const seen = scene.onlySeen();
  expect([seen.header('range'), seen.header('if-match')]).toEqual(['bytes=1-3', `"x" ,   ${etag}`]);
  expect(seen.header('authorization')).toContain(
    'SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token,',
  );
  expect(await scene.proxy.nextReport()).toMatchObject({ status: 206, range: 'bytes=1-3' });
});

test('If-Range is never sent to S3, which does not know it.', async () => {
  const { etag } = scene.s3.put('a', 'object');
  await scene.ask('/a', { headers: { 'If-Range': etag, Range: 'bytes=0-1' } });
  expect(headerNames()).toEqual([...OWN_HEADERS, 'range'].sort());
});

test('Repeated tag conditions are one list.', async () => {
  const { etag } = scene.s3.put('a', 'object');
  const connection = scene.connect().get('/a', 'If-None-Match: "x"', `If-None-Match: ${etag}`);
  expect(await connection.readResponse()).toMatchObject({ status: 304 });
  expect(scene.onlySeen().header('if-none-match')).toBe(`"x", ${etag}`);
});

test('Bytes beyond ASCII in a condition reach S3 unchanged.', async () => {
  scene.s3.put('a', 'object');
  const connection = scene.connect().get('/a', 'If-None-Match: "\xe9\xff"');
  expect(await connection.readResponse()).toMatchObject({ status: 200 });
  expect(scene.onlySeen().header('if-none-match')).toBe('"\xe9\xff"');
});

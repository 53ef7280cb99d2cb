import { describe, expect, test } from 'vitest';
import { useScene } from '../support/open-scene.ts';

const scene = useScene();

const HOST = 'Host: localhost\r\n';

/** What is no request, or none that could be read in one way only. */
const MALFORMED: readonly (readonly [string, string])[] = [
  ['a raw space in the path', `GET /my videos/clip one.mp4 HTTP/1.1\r\n${HOST}\r\n`],
  ['raw UTF-8 in the path', `GET /s\xc3\xa9ries/a.mp4 HTTP/1.1\r\n${HOST}\r\n`],
  ['raw latin1 in the path', `GET /s\xe9ries/a.mp4 HTTP/1.1\r\n${HOST}\r\n`],
  ['a tab in the path', `GET /a\tb HTTP/1.1\r\n${HOST}\r\n`],
  ['a NUL in the path', `GET /a\0b HTTP/1.1\r\n${HOST}\r\n`],
  ['a DEL in the path', `GET /a\x7fb HTTP/1.1\r\n${HOST}\r\n`],
  ['no version', `GET /a\r\n${HOST}\r\n`],
  ['no target', `GET  HTTP/1.1\r\n${HOST}\r\n`],
  ['a version that is none', `GET /a HTTP/9.9\r\n${HOST}\r\n`],
  ['a version in lower case', `GET /a http/1.1\r\n${HOST}\r\n`],
  ['the version of HTTP/2', `GET /a HTTP/2.0\r\n${HOST}\r\n`],
  ['a method in lower case', `get /a HTTP/1.1\r\n${HOST}\r\n`],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['the hello of TLS', '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03'],
  ['nothing but noise', '\0\xff\xfe\r\n\r\n'],
  ['a header without a colon', `GET /a HTTP/1.1\r\n${HOST}Foo\r\n\r\n`],
  ['a header without a name', `GET /a HTTP/1.1\r\n${HOST}: foo\r\n\r\n`],
  ['a space before the colon', `GET /a HTTP/1.1\r\n${HOST}Range : bytes=0-1\r\n\r\n`],
  ['a space in a name', `GET /a HTTP/1.1\r\n${HOST}Ra nge: bytes=0-1\r\n\r\n`],
  ['a NUL in a value', `GET /a HTTP/1.1\r\n${HOST}Range: bytes=0\0-1\r\n\r\n`],
  ['a folded header', `GET /a HTTP/1.1\r\n${HOST}If-Match: "a",\r\n "b"\r\n\r\n`],
  ['a CR alone in a value', `GET /a HTTP/1.1\r\n${HOST}Foo: a\rRange: bytes=0-1\r\n\r\n`],
  ['lines that end in LF alone', 'GET /a HTTP/1.1\nHost: localhost\n\n'],
  ['one line that ends in LF alone', `GET /a HTTP/1.1\r\n${HOST}Foo: bar\nRange: bytes=0-1\r\n\r\n`],
  ['a length that is none', `GET /a HTTP/1.1\r\n${HOST}Content-Length: x\r\n\r\n`],
  ['a negative length', `GET /a HTTP/1.1\r\n${HOST}Content-Length: -1\r\n\r\n`],
  ['two lengths', `GET /a HTTP/1.1\r\n${HOST}Content-Length: 0\r\nContent-Length: 5\r\n\r\n`],
  [
    'a length and chunks',
    `GET /a HTTP/1.1\r\n${HOST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ],
  [
    'chunks that are not the last coding',
    `GET /a HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked, gzip\r\n\r\n`,
  ],
];

describe('It is answered once, with 400 and a sentence, and the connection ends:', () => {
  test.each(MALFORMED)('%s', async (_, bytes) => {
    scene.s3.put('a', 'object');
    const connection = scene.connect().send(bytes);
    const response = await connection.readResponse();
    expect(response).toMatchObject({
      status: 400,
      statusLine: expect.stringMatching(/^HTTP\/1\.1 400 ./) as string,
    });
    expect([response.header('connection'), response.header('content-type')]).toEqual([
      'close',
      'application/xml',
    ]);
    expect(response.text).toMatch(/<Code>\w+<\/Code><Message>[^<]+\.<\/Message>/);
    await connection.untilClosed();
    expect(connection.received.length).toBe(0);
    expect(scene.s3.seen).toEqual([]);
  });
});

test('Whoever forgets to escape a path is told so.', async () => {
  for (const target of ['/my videos/clip one.mp4', '/s\xc3\xa9ries/a.mp4']) {
    const connection = scene.connect().get(target);
    expect((await connection.readResponse()).text).toContain('percent-encoded');
  }
  expect(scene.proxy.logLines).toMatchObject([
    { level: 'info', failure: 'malformed_request' },
    { level: 'info', failure: 'malformed_request' },
  ]);
});

test('A running download of another connection is not harmed by any of it.', async () => {
  scene.s3.put('big', { size: 300_000 });
  scene.s3.inject({ kind: 'stall', at: 100_000 }, { key: 'big' });
  const download = scene.connect().get('/big');
  await scene.s3.waitFor(() => scene.s3.seen[0]?.state === 'stalled', 'the download');
  for (const [, bytes] of MALFORMED) {
    const connection = scene.connect().send(bytes);
    expect((await connection.readResponse()).status).toBe(400);
    await connection.untilClosed();
  }
  scene.s3.release();
  const { status, body } = await download.readResponse();
  expect([status, body.equals(Buffer.from(scene.s3.objects.get('big')!.source.read(0, 300_000)))]).toEqual([
    200,
    true,
  ]);
});

describe('Behind a request that is being answered, no answer gets into its body:', () => {
  test.each(MALFORMED)('%s', async (_, bytes) => {
    scene.s3.put('big', { size: 300_000 });
    scene.s3.inject({ kind: 'stall', at: 100_000 });
    const connection = scene.connect().get('/big');
    await scene.s3.waitFor(() => scene.s3.seen[0]?.state === 'stalled', 'the download');
    // Twice: the noise goes on after the first mistake.
    connection.send(bytes).send(bytes);
    await connection.until(() => connection.receivedBytes > 50_000, 'the first part');
    scene.s3.release();
    const { status, body } = await connection.readResponse();
    expect(status).toBe(200);
    expect(body.equals(Buffer.from(scene.s3.objects.get('big')!.source.read(0, 300_000)))).toBe(true);
    expect(await scene.proxy.nextReport()).toMatchObject({ status: 200, failure: undefined });
    await connection.untilClosed();
    // Then the mistake may be told, or the connection just ends; nothing is served.
    expect(connection.received.toString('latin1')).toMatch(/^$|^HTTP\/1\.1 400 /);
    expect(scene.s3.seen).toHaveLength(1);
  });
});

test('Noise that goes on and on behind a request leaves nothing behind.', async () => {
  const warnings: Error[] = [];
  const note = (warning: Error): number => warnings.push(warning);
  process.on('warning', note);
  scene.s3.put('big', { size: 300_000 });
  scene.s3.inject({ kind: 'stall', at: 100_000 });
  const connection = scene.connect().get('/big');
  await scene.s3.waitFor(() => scene.s3.seen[0]?.state === 'stalled', 'the download');
  // Each piece is a read of its own on the other side.
  for (let index = 0; index < 50; index += 1) {
    connection.send('\0noise');
    await new Promise((resolve) => setImmediate(resolve));
  }
  scene.s3.release();
  expect((await connection.readResponse()).body.length).toBe(300_000);
  await connection.untilClosed();
  process.off('warning', note);
  expect(warnings).toEqual([]);
});

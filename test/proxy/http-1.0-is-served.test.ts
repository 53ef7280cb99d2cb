import { describe, expect, test } from 'vitest';
import { useScene } from '../support/open-scene.ts';

const scene = useScene();

describe('A client of HTTP/1.0', () => {
  test.each([
    ['without more', 'GET /a HTTP/1.0\r\n\r\n'],
    [
      'with Connection: close, as the README-style nginx sends it',
      'GET /a HTTP/1.0\r\nHost: s3\r\nConnection: close\r\n\r\n',
    ],
  ])('%s gets the object, its length and the end of the connection.', async (_, bytes) => {
    scene.s3.put('a', 'object');
    const connection = scene.connect().send(bytes);
    const response = await connection.readResponse();
    expect([response.status, response.text]).toEqual([200, 'object']);
    expect([response.header('content-length'), response.header('transfer-encoding')]).toEqual([
      '6',
      undefined,
    ]);
    expect(response.header('connection')).toBe('close');
    expect(await connection.untilClosed()).toBe('fin');
    expect(connection.received.length).toBe(0);
    // S3's connection lives on: it is ours.
    expect(scene.s3.openConnections()).toBe(1);
  });

  test('with keep-alive keeps its connection.', async () => {
    scene.s3.put('a', 'object');
    const connection = scene.connect();
    for (let round = 0; round < 3; round += 1) {
      connection.send('GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
      const response = await connection.readResponse();
      expect([response.text, response.header('connection')]).toEqual(['object', 'keep-alive']);
    }
  });

  test('gets a range.', async () => {
    scene.s3.put('a', 'object');
    const connection = scene.connect().send('GET /a HTTP/1.0\r\nRange: bytes=1-3\r\n\r\n');
    expect(await connection.readResponse()).toMatchObject({ status: 206, text: 'bje' });
  });

  test('gets a HEAD, an error and a 304.', async () => {
    const { etag } = scene.s3.put('a', 'object');
    const ask = (method: 'GET' | 'HEAD', target: string, ...lines: string[]) =>
      scene
        .connect()
        .send([`${method} ${target} HTTP/1.0`, ...lines, '', ''].join('\r\n'))
        .readResponse(method);
    expect(await ask('HEAD', '/a')).toMatchObject({ status: 200 });
    expect(await ask('GET', '/missing')).toMatchObject({ status: 404 });
    expect(await ask('GET', '/a', `If-None-Match: ${etag}`)).toMatchObject({ status: 304 });
  });

  test('gets what S3 sends in chunks without them, up to the end of the connection.', async () => {
    scene.s3.put('a', 'object');
    scene.s3.inject({ kind: 'chunked', damage: 'none' });
    const connection = scene.connect().send('GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
    const response = await connection.readResponse();
    expect([response.text, response.header('transfer-encoding'), response.header('connection')]).toEqual([
      'object',
      undefined,
      'close',
    ]);
    expect(await connection.untilClosed()).toBe('fin');
  });
});

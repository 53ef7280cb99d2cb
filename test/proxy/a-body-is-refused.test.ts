import { describe, expect, test } from 'vitest';
import { useScene } from '../support/open-scene.ts';

const scene = useScene();

const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n';

function get(...lines: string[]): string {
  return ['GET /a HTTP/1.1', 'Host: localhost', ...lines, '', ''].join('\r\n');
}

test.each(['GET', 'HEAD'] as const)(
  '%s with Content-Length: 0, as the packager sends it, is served.',
  async (method) => {
    scene.s3.put('a', 'object');
    const connection = scene.connect();
    for (let round = 0; round < 2; round += 1) {
      connection.send(
        `${method} /a HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n`,
      );
      expect(await connection.readResponse(method)).toMatchObject({ status: 200 });
    }
  },
);

describe('A request with a body is 400 and the end of the connection; its body is no request:', () => {
  test.each([
    ['a length', get(`Content-Length: ${SMUGGLED.length}`) + SMUGGLED],
    ['a length, and the body still on its way', get('Content-Length: 1000')],
    [
      'chunks',
      `${get('Transfer-Encoding: chunked')}${SMUGGLED.length.toString(16)}\r\n${SMUGGLED}\r\n0\r\n\r\n${SMUGGLED}`,
    ],
    ['chunks without end', `${get('Transfer-Encoding: chunked')}5\r\nhello\r\n`],
    ['a length of many zeros', get('Content-Length: 00')],
    ['200 KiB', get('Content-Length: 204800') + 'x'.repeat(204_800)],
  ])('%s', async (_, bytes) => {
    scene.s3.put('a', 'object');
    const connection = scene.connect().send(bytes);
    const response = await connection.readResponse();
    expect([response.status, response.header('connection')]).toEqual([400, 'close']);
    await connection.untilClosed();
    expect(connection.received.length).toBe(0);
    expect(scene.s3.seen).toEqual([]);
    expect(await scene.proxy.nextReport()).toMatchObject({ status: 400, failure: 'body_not_allowed' });
  });
});

test('Bytes behind a request without a length are the next request.', async () => {
  scene.s3.put('a', 'object');
  const connection = scene.connect().send(get() + get());
  expect(await connection.readResponse()).toMatchObject({ status: 200 });
  expect(await connection.readResponse()).toMatchObject({ status: 200 });
});

describe('Expect gets no interim answer:', () => {
  test.each(['100-continue', '200-ok', '100-Continue', ''])(
    '%j on a request without a body, which is served',
    async (value) => {
      scene.s3.put('a', 'object');
      const connection = scene.connect().send(get(`Expect: ${value}`));
      expect(await connection.readResponse()).toMatchObject({
        statusLine: 'HTTP/1.1 200 OK',
        text: 'object',
      });
      expect(await scene.proxy.nextReport()).toMatchObject({ status: 200 });
    },
  );

  test('100-continue before a body, which is refused', async () => {
    const connection = scene.connect().send(get('Expect: 100-continue', 'Content-Length: 5'));
    expect(await connection.readResponse()).toMatchObject({ statusLine: 'HTTP/1.1 400 Bad Request' });
    await connection.untilClosed();
    expect(connection.received.length).toBe(0);
  });
});

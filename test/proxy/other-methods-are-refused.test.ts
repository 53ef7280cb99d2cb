import { describe, expect, test } from 'vitest';
import { useScene } from '../support/open-scene.ts';

const scene = useScene();

const REFUSED = {
  status: 405,
  text: expect.stringContaining('<Code>MethodNotAllowed</Code>') as string,
};

describe('Any method but GET and HEAD is answered with 405 and says which are allowed:', () => {
  test.each([
    'POST',
    'PUT',
    'DELETE',
    'OPTIONS',
    'TRACE',
    'PATCH',
    'PROPFIND',
    'COPY',
    'LOCK',
    'PURGE',
    'QUERY',
  ])('%s', async (method) => {
    scene.s3.put('a', 'object');
    const connection = scene.connect().send(`${method} /a HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    const response = await connection.readResponse();
    expect(response).toMatchObject(REFUSED);
    expect(response.header('allow')).toBe('GET, HEAD');
    expect(scene.s3.seen).toEqual([]);
    expect(await scene.proxy.nextReport()).toMatchObject({
      method,
      status: 405,
      failure: 'method_not_allowed',
    });
    // The connection is in order.
    expect(await connection.get('/a').readResponse()).toMatchObject({ status: 200, text: 'object' });
  });

  test('OPTIONS * (of the server as a whole)', async () => {
    const connection = scene.connect().send('OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const response = await connection.readResponse();
    expect([response.status, response.header('allow')]).toEqual([405, 'GET, HEAD']);
    expect(await scene.proxy.nextReport()).toMatchObject({ status: 405, failure: 'method_not_allowed' });
  });

  test.each(['POST', 'PUT', 'DELETE'])(
    '%s with a body, whose bytes are not the next request',
    async (method) => {
      const body = 'GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n';
      const connection = scene
        .connect()
        .send(`${method} /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      const response = await connection.readResponse();
      expect([response.status, response.header('connection')]).toEqual([405, 'close']);
      expect(await connection.untilClosed()).toBe('fin');
      expect(connection.received.length).toBe(0);
      expect(scene.s3.seen).toEqual([]);
      expect(scene.proxy.reports).toHaveLength(1);
    },
  );

  test('CONNECT, which is no tunnel', async () => {
    const connection = scene
      .connect()
      .send('CONNECT s3.amazonaws.com:443 HTTP/1.1\r\nHost: s3.amazonaws.com\r\n\r\n');
    const response = await connection.readResponse();
    expect(response).toMatchObject(REFUSED);
    expect([response.header('allow'), response.header('connection')]).toEqual(['GET, HEAD', 'close']);
    expect(await connection.untilClosed()).toBe('fin');
    expect(scene.proxy.logLines).toMatchObject([{ level: 'info', failure: 'method_not_allowed' }]);
  });
});

describe('Behind CONNECT Node leaves a connection to itself: one that breaks then', () => {
  const CONNECT = 'CONNECT s3.amazonaws.com:443 HTTP/1.1\r\nHost: s3.amazonaws.com\r\n\r\n';

  test('while an earlier request is answered ends that request, and not the daemon.', async () => {
    scene.s3.put('a', 'object');
    scene.s3.inject({ kind: 'stall', at: 'before-head' });
    const connection = scene.connect().send(`GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n${CONNECT}`);
    await scene.s3.waitFor(() => scene.s3.seen[0]?.state === 'stalled', 'the question');
    connection.reset();
    expect(await scene.proxy.nextReport()).toMatchObject({ status: 499, failure: 'client_gone' });
    expect(await scene.ask('/a')).toMatchObject({ status: 200, text: 'object' });
  });

  test('before it is answered ends nothing but itself.', async () => {
    scene.s3.put('a', 'object');
    // How the two meet is chance.
    for (let count = 0; count < 200; count += 1) {
      const connection = scene.connect();
      connection.send(`GET /../a HTTP/1.1\r\nHost: localhost\r\n\r\n${CONNECT}`);
      await new Promise((resolve) => setImmediate(resolve));
      connection.reset();
    }
    expect(await scene.ask('/a')).toMatchObject({ status: 200, text: 'object' });
  });
});

test('A method that HTTP does not know is answered with 400.', async () => {
  const connection = scene.connect().send('FROBNICATE /a HTTP/1.1\r\nHost: localhost\r\n\r\n');
  expect(await connection.readResponse()).toMatchObject({ status: 400 });
  await connection.untilClosed();
});

test('An upgrade is not granted; the request is served as what it is.', async () => {
  scene.s3.put('a', 'object');
  const connection = scene
    .connect()
    .get('/a', 'Connection: Upgrade', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQ');
  expect(await connection.readResponse()).toMatchObject({ status: 200, text: 'object' });
  expect(scene.onlySeen().header('upgrade')).toBeUndefined();
});

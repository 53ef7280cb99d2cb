import { describe, expect, test } from 'vitest';
import { useScene } from '../support/open-scene.ts';

describe('A connection of a client', () => {
  const scene = useScene();

  test('serves any number of requests, and one connection to S3 does for them.', async () => {
    scene.s3.put('a', '0123456789');
    const connection = scene.connect();
    for (let index = 0; index < 200; index += 1) {
      const at = index % 10;
      connection.get('/a', `Range: bytes=${at}-${at}`);
      expect(await connection.readResponse()).toMatchObject({ status: 206, text: String(at) });
    }
    expect([scene.s3.seen.length, scene.s3.connectionsMade()]).toEqual([200, 1]);
    expect(scene.proxy.reports).toHaveLength(200);
  });

  test('says how long it is kept: longer than the packager keeps it.', async () => {
    scene.s3.put('a', 'object');
    const response = await scene.connect().get('/a').readResponse();
    expect(response.header('connection')).toBe('keep-alive');
    expect(Number(/timeout=(\d+)/.exec(response.header('keep-alive') ?? '')?.[1])).toBeGreaterThan(60);
    expect(response.header('keep-alive')).not.toContain('max');
  });

  test('survives each of our own answers and of those of S3.', async () => {
    const { etag } = scene.s3.put('a', 'object');
    const connection = scene.connect();
    const asks: readonly (readonly [number, string, ...string[]])[] = [
      [404, '/missing'],
      [400, '/../a'],
      [404, '/'],
      [200, '/a'],
      [304, '/a', `If-None-Match: ${etag}`],
      [412, '/a', 'If-Match: "x"'],
      [416, '/a', 'Range: bytes=99-'],
      [206, '/a', 'Range: bytes=0-0'],
      [200, '/a'],
    ];
    for (const [status, target, ...lines] of asks) {
      expect((await connection.get(target, ...lines).readResponse()).status).toBe(status);
    }
  });

  test('ends where the client asks for it.', async () => {
    scene.s3.put('a', 'object');
    const connection = scene.connect().get('/a', 'Connection: close');
    expect((await connection.readResponse()).header('connection')).toBe('close');
    expect(await connection.untilClosed()).toBe('fin');
  });
});

describe('With a short time', () => {
  const scene = useScene({ settings: { 'timeouts.keep_alive': '1s' } });

  test('an idle connection is closed by us.', async () => {
    scene.s3.put('a', 'object');
    const connection = scene.connect().get('/a');
    expect((await connection.readResponse()).header('keep-alive')).toBe('timeout=1');
    expect(await connection.untilClosed()).toBe('fin');
    expect(connection.received.length).toBe(0);
  });
});

describe('A connection to S3', () => {
  describe('that S3 ends with an answer', () => {
    const scene = useScene({ s3: { requestsPerConnection: 10 } });

    test('is replaced without a failure.', async () => {
      scene.s3.put('a', 'object');
      const connection = scene.connect();
      for (let index = 0; index < 50; index += 1) {
        expect(await connection.get('/a').readResponse()).toMatchObject({ status: 200, text: 'object' });
      }
      expect(scene.s3.connectionsMade()).toBe(5);
    });
  });

  describe('over which a HEAD went', () => {
    const scene = useScene();

    test('serves on, or is replaced, without a failure.', async () => {
      scene.s3.put('a', 'object');
      const connection = scene.connect();
      for (let index = 0; index < 20; index += 1) {
        connection.send('HEAD /a HTTP/1.1\r\nHost: localhost\r\n\r\n');
        expect(await connection.readResponse('HEAD')).toMatchObject({ status: 200 });
        expect(await connection.get('/a').readResponse()).toMatchObject({ status: 200, text: 'object' });
        connection.send('HEAD /missing HTTP/1.1\r\nHost: localhost\r\n\r\n');
        expect(await connection.readResponse('HEAD')).toMatchObject({ status: 404 });
      }
      expect(scene.proxy.reports.every(({ failure }) => failure === undefined)).toBe(true);
      expect(scene.s3.openConnections()).toBeLessThanOrEqual(1);
    });
  });
});

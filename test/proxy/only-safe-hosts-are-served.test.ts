import { describe, expect, test } from 'vitest';
import { type Scene, useScene } from '../support/open-scene.ts';

/** Sends a GET of HTTP/1.1 with these header lines. @returns the status */
async function statusFor(scene: Scene, ...lines: string[]): Promise<number> {
  scene.s3.put('a', 'object');
  const connection = scene.connect().send(['GET /a HTTP/1.1', ...lines, '', ''].join('\r\n'));
  return (await connection.readResponse()).status;
}

describe('With nothing listed', () => {
  const scene = useScene();

  test.each([
    '127.0.0.1',
    '127.0.0.1:8080',
    '[::1]:8080',
    'localhost',
    'LOCALHOST:80',
    's3_backend',
    '10.0.0.1',
  ])('Host: %s is served.', async (host) => {
    expect(await statusFor(scene, `Host: ${host}`)).toBe(200);
    expect(await scene.proxy.nextReport()).toMatchObject({ status: 200 });
  });

  test.each(['rebind.attacker.example', 'a.b:8080', '127.0.0.1.nip.io', 'localhost.', ''])(
    'Host: %s is answered with 421 and never asks S3.',
    async (host) => {
      expect(await statusFor(scene, `Host: ${host}`)).toBe(421);
      expect(scene.s3.seen).toEqual([]);
      expect(await scene.proxy.nextReport()).toMatchObject({ status: 421, failure: 'host_not_allowed' });
    },
  );

  test('The refusal says how to allow a name, and does not repeat it.', async () => {
    const answer = await scene.ask('/a', { headers: { Host: 'evil.example' } });
    expect(answer).toMatchObject({ status: 421, text: expect.stringContaining('allowed_hosts') as string });
    expect(answer.text).not.toContain('evil');
  });

  test('HTTP/1.1 without Host is answered with 400 (RFC 9112 §3.2).', async () => {
    expect(await statusFor(scene)).toBe(400);
    expect(scene.s3.seen).toEqual([]);
    expect(await scene.proxy.nextReport()).toMatchObject({ status: 400, failure: 'missing_host' });
  });

  test('Two Hosts are answered with 400, also if they are the same.', async () => {
    expect(await statusFor(scene, 'Host: localhost', 'Host: localhost')).toBe(400);
    expect(await statusFor(scene, 'Host: localhost', 'host: evil.example')).toBe(400);
    expect(scene.s3.seen).toEqual([]);
    expect(await scene.proxy.nextReport()).toMatchObject({ status: 400, failure: 'repeated_header' });
  });

  test('HTTP/1.0 without Host is served: no browser speaks it.', async () => {
    scene.s3.put('a', 'object');
    const connection = scene.connect().send('GET /a HTTP/1.0\r\n\r\n');
    expect(await connection.readResponse()).toMatchObject({ status: 200, text: 'object' });
  });

  test('HTTP/1.0 with a dotted Host is refused all the same.', async () => {
    const connection = scene.connect().send('GET /a HTTP/1.0\r\nHost: evil.example\r\n\r\n');
    expect(await connection.readResponse()).toMatchObject({ status: 421 });
  });
});

describe('With a name listed', () => {
  const scene = useScene({ settings: { allowed_hosts: 'Media.example.com' } });

  test('it is served in any case and with any port, and others are not.', async () => {
    expect(await statusFor(scene, 'Host: media.example.com')).toBe(200);
    expect(await statusFor(scene, 'Host: MEDIA.example.com:8080')).toBe(200);
    expect(await statusFor(scene, 'Host: other.example.com')).toBe(421);
  });
});

describe('With the star', () => {
  const scene = useScene({ settings: { allowed_hosts: '*' } });

  test('every Host is served.', async () => {
    expect(await statusFor(scene, 'Host: anything.example')).toBe(200);
  });
});

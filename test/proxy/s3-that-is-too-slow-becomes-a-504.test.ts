import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { ONE_ATTEMPT, useScene } from '../support/open-scene.ts';
import { sendRequest } from '../support/send-request.ts';
import { startProxy } from '../support/start-proxy.ts';

// undici's timers tick every half second, so a time of 300 ms may take a second.
const IN_TIME_MS = 2_500;

describe('S3 that does not answer in time', () => {
  const scene = useScene({ settings: { 'timeouts.first_byte': '300ms' } });

  test('is 504, before its head and in it, and its connection is given up.', async () => {
    for (const at of ['before-head', 'in-head'] as const) {
      scene.s3.put(at, 'object');
      scene.s3.inject({ kind: 'stall', at }, { key: at });
    }
    const startedAt = performance.now();
    const answers = await Promise.all([scene.ask('/before-head'), scene.ask('/in-head')]);
    expect(performance.now() - startedAt).toBeLessThan(IN_TIME_MS);
    for (const answer of answers) {
      expect([answer.status, answer.isComplete]).toEqual([504, true]);
      expect(answer.text).toContain('<Code>GatewayTimeout</Code>');
      expect(await scene.proxy.nextReport()).toMatchObject({ status: 504, failure: 's3_first_byte_timeout' });
    }
    await scene.s3.waitFor(() => scene.s3.openConnections() === 0, "the end of S3's connections");
    expect(await scene.ask('/in-head')).toMatchObject({ status: 200, text: 'object' });
  });

  test('is served when it is slow, but in time.', async () => {
    scene.s3.put('a', 'object');
    scene.s3.inject({ kind: 'stall', at: 'before-head', forMs: 100 });
    expect(await scene.ask('/a')).toMatchObject({ status: 200, text: 'object' });
    const { firstByteMs = 0 } = await scene.proxy.nextReport();
    expect(firstByteMs).toBeGreaterThan(90);
  });
});

describe('S3 whose TLS handshake does not end in time', () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket.on('error', () => undefined)));
  afterEach(() => {
    sockets.forEach((socket) => socket.destroy());
    server.close();
  });

  test('is 504.', async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const proxy = await startProxy({
      settings: {
        ...ONE_ATTEMPT,
        's3.endpoint': `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
        's3.bucket': 'media',
        's3.region': 'eu-west-1',
        'timeouts.connect': '300ms',
      },
      credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' },
    });
    const startedAt = performance.now();
    expect(await sendRequest(proxy.port, '/a')).toMatchObject({ status: 504, isComplete: true });
    expect(performance.now() - startedAt).toBeLessThan(IN_TIME_MS);
    expect(await proxy.nextReport()).toMatchObject({ status: 504, failure: 's3_connect_timeout' });
    await proxy.close();
  });
});

import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { Fault } from '../servers/fake-s3-faults.ts';
import { ONE_ATTEMPT, useScene } from '../support/open-scene.ts';
import { startProxy } from '../support/start-proxy.ts';
import { sendRequest } from '../support/send-request.ts';

const scene = useScene();

const FAILURES: readonly (readonly [string, Fault, string])[] = [
  ['a RST', { kind: 'reset', at: 'before-head' }, 's3_reset'],
  ['a FIN', { kind: 'finish', at: 'before-head' }, 's3_reset'],
  ['a RST in the head', { kind: 'reset', at: 'in-head' }, 's3_reset'],
  ['a FIN in the head', { kind: 'finish', at: 'in-head' }, 's3_reset'],
  ['bytes that are no HTTP', { kind: 'garbage' }, 's3_bad_response'],
  ['a head over 64 KiB', { kind: 'long-head', bytes: 70_000 }, 's3_bad_response'],
  [
    'HTTP/0.9',
    { kind: 'raw', bytes: '<Error>no head</Error>', then: 'finish' },
    's3_bad_response or s3_reset',
  ],
  [
    'HTTP/2',
    { kind: 'raw', bytes: '\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x80', then: 'finish' },
    's3_bad_response or s3_reset',
  ],
  [
    'a status of two digits',
    { kind: 'raw', bytes: 'HTTP/1.1 20 OK\r\n\r\n', then: 'finish' },
    's3_bad_response',
  ],
  [
    'a NUL in a header',
    { kind: 'raw', bytes: 'HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n', then: 'finish' },
    's3_bad_response',
  ],
];

describe.each(FAILURES)('Where S3 answers with %s', (_, fault, failure) => {
  test.each(['GET', 'HEAD'])(
    '%s is 502, whole, with no word of it; the next request works.',
    async (method) => {
      scene.s3.put('a', 'object');
      scene.s3.inject(fault);
      const answer = await scene.ask('/a', { method });
      expect([answer.status, answer.isComplete]).toEqual([502, true]);
      expect(answer.text).not.toMatch(/no HTTP|no head|xxxx/);
      const report = await scene.proxy.nextReport();
      expect(report).toMatchObject({ status: 502, bytes: answer.body.length });
      // What breaks off in its first bytes may be called the one or the other.
      expect(failure.split(' or ')).toContain(report.failure);
      expect([report.s3Status, typeof report.cause]).toEqual([undefined, 'string']);
      expect(await scene.ask('/a')).toMatchObject({ status: 200, text: 'object' });
      await scene.s3.waitFor(() => scene.s3.openConnections() <= 1, 'the end of the broken connection');
    },
  );
});

test('A head that is long, but could be of S3, is taken.', async () => {
  scene.s3.put('a', 'object');
  scene.s3.inject({ kind: 'long-head', bytes: 16_000 });
  expect(await scene.ask('/a')).toMatchObject({ status: 200, text: 'object' });
});

test('Where nobody listens, it is 502 at once.', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  const proxy = await startProxy({
    settings: {
      ...ONE_ATTEMPT,
      's3.endpoint': `http://127.0.0.1:${port}`,
      's3.bucket': 'media',
      's3.region': 'eu-west-1',
    },
    credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' },
  });
  expect(await sendRequest(proxy.port, '/a')).toMatchObject({ status: 502, isComplete: true });
  const report = await proxy.nextReport();
  expect(report).toMatchObject({
    failure: 's3_unreachable',
    cause: expect.stringContaining('ECONNREFUSED') as string,
  });
  await proxy.close();
});

test('Where the name of S3 does not resolve, it is 502.', async () => {
  const lookup = (_host: string, _options: object, done: (error: Error | null) => void): void =>
    done(Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' }));
  const proxy = await startProxy({
    settings: { ...ONE_ATTEMPT, 's3.bucket': 'media', 's3.region': 'eu-west-1' },
    credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' },
    lookup: lookup as never,
  });
  expect(await sendRequest(proxy.port, '/a')).toMatchObject({ status: 502 });
  expect(await proxy.nextReport()).toMatchObject({ failure: 's3_unreachable' });
  await proxy.close();
});

describe('Without credentials', () => {
  test('it is 503, and S3 is not asked.', async () => {
    const proxy = await startProxy({
      settings: {
        ...ONE_ATTEMPT,
        's3.endpoint': scene.s3.endpoint,
        's3.bucket': 'media',
        's3.region': 'eu-west-1',
      },
      credentials: undefined,
    });
    const answer = await sendRequest(proxy.port, '/a');
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '1']);
    expect(await proxy.nextReport()).toMatchObject({ failure: 'credentials_unavailable', attempts: 0 });
    expect(scene.s3.seen).toEqual([]);
    await proxy.close();
  });
});

import { expect, test } from 'vitest';
import { useScene } from '../support/open-scene.ts';

const scene = useScene();

test.each([102, 103] as const)(
  'A %i of S3 is not the answer, and the packager, which would hang, never sees it.',
  async (status) => {
    scene.s3.put('a', 'object');
    scene.s3.inject({ kind: 'interim', status });
    const connection = scene.connect().get('/a', 'Connection: close');
    expect(await connection.readResponse()).toMatchObject({ statusLine: 'HTTP/1.1 200 OK', text: 'object' });
    expect(await connection.untilClosed()).toBe('fin');
    expect(connection.received.toString()).toBe('');
    expect(await scene.proxy.nextReport()).toMatchObject({ status: 200, s3Status: 200, attempts: 1 });
  },
);

test('A 100, which nobody asked for, is never passed on either.', async () => {
  scene.s3.put('a', 'object');
  scene.s3.inject({ kind: 'interim', status: 100 });
  const connection = scene.connect().get('/a', 'Connection: close');
  // undici takes it for a broken server; RFC 9110 §15.2 would have it skipped. Both are sound.
  expect([200, 502]).toContain((await connection.readResponse()).status);
  await connection.untilClosed();
  expect(connection.received.toString()).toBe('');
});

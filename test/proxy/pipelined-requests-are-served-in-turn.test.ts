import { expect, test } from 'vitest';
import { useScene } from '../support/open-scene.ts';

const scene = useScene();

test('Each gets its own answer, in order, one at a time.', async () => {
  const connection = scene.connect();
  for (let index = 0; index < 20; index += 1) scene.s3.put(`key-${index}`, { size: 1_000 + index });
  for (let index = 0; index < 20; index += 1) connection.get(`/key-${index}`);
  for (let index = 0; index < 20; index += 1) {
    const { status, body } = await connection.readResponse();
    expect([status, body.length]).toEqual([200, 1_000 + index]);
  }
  expect(scene.s3.seen.map(({ key }) => key)).toEqual(
    Array.from({ length: 20 }, (_, index) => `key-${index}`),
  );
});

test('Errors, HEADs and ranges among them keep their places.', async () => {
  scene.s3.put('a', '0123456789');
  const connection = scene.connect();
  connection
    .get('/a', 'Range: bytes=0-1')
    .get('/missing')
    .send('HEAD /a HTTP/1.1\r\nHost: localhost\r\n\r\n');
  connection.get('/../x').send('DELETE /a HTTP/1.1\r\nHost: localhost\r\n\r\n').get('/a');
  expect((await connection.readResponse()).text).toBe('01');
  expect((await connection.readResponse()).status).toBe(404);
  expect((await connection.readResponse('HEAD')).status).toBe(200);
  expect((await connection.readResponse()).status).toBe(400);
  expect((await connection.readResponse()).status).toBe(405);
  expect((await connection.readResponse()).text).toBe('0123456789');
});

test('The second does not ask S3 before the first is answered.', async () => {
  scene.s3.put('slow', 'slow');
  scene.s3.put('quick', 'quick');
  scene.s3.inject({ kind: 'stall', at: 'before-head' }, { key: 'slow' });
  const connection = scene.connect().get('/slow').get('/quick');
  await scene.s3.waitFor(() => scene.s3.seen[0]?.state === 'stalled', 'the first');
  // A whole exchange on another connection gives the second every chance.
  expect(await scene.ask('/quick')).toMatchObject({ text: 'quick' });
  expect(scene.s3.seen.map(({ key }) => key)).toEqual(['slow', 'quick']);
  scene.s3.release();
  expect((await connection.readResponse()).text).toBe('slow');
  expect((await connection.readResponse()).text).toBe('quick');
});

test('A client that leaves with requests waiting frees S3, and what waited is never asked.', async () => {
  scene.s3.put('a', { size: 100_000_000 });
  const connection = scene.connect();
  for (let index = 0; index < 10; index += 1) connection.get('/a');
  await connection.until(() => connection.receivedBytes > 0, 'the first bytes');
  connection.destroy();
  expect(await scene.proxy.nextReport()).toMatchObject({ failure: 'client_gone' });
  await scene.s3.waitFor(() => scene.s3.openConnections() === 0, "the end of S3's connection");
  expect([scene.s3.seen.length, scene.proxy.reports.length]).toEqual([1, 1]);
  scene.s3.put('b', 'next');
  expect(await scene.ask('/b')).toMatchObject({ status: 200 });
});

test('A client that sends requests without end and reads nothing is cut off.', async () => {
  scene.s3.put('a', 'object');
  scene.s3.inject({ kind: 'stall', at: 'before-head' });
  const connection = scene.connect();
  for (let index = 0; index < 200; index += 1) connection.get('/a');
  await connection.untilClosed();
  expect(scene.s3.seen.length).toBeLessThanOrEqual(1);
  await scene.s3.waitFor(() => scene.s3.openConnections() === 0, "the end of S3's connection");
});

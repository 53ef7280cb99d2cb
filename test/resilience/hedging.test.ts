import type { LookupFunction } from 'node:net';
import { describe, expect, test } from 'vitest';
import { S3_CLIENT } from '../support/s3-client.ts';
import { startStagedS3 } from './staged-s3.ts';
import { pass, useStagedScene } from './use-staged-scene.ts';

const LATE = { 'hedge.delay': '100ms', 'timeouts.first_byte': '5s' } as const;
/** Longer than the delay of a hedge, so that one which must not be would be there. */
const LONG_ENOUGH_MS = 400;

const scene = useStagedScene(LATE);

describe('A head that is late', () => {
  test.each(['GET', 'HEAD'])('is overtaken by that of a second request (%s).', async (method) => {
    const answered = scene.ask(method);
    const first = await scene.s3.request(1);
    const second = await scene.s3.request(2);
    expect([second.method, second.target, second.connection]).toEqual([method, first.target, 2]);
    second.answer('object');
    expect(await answered).toMatchObject({ status: 200, text: method === 'HEAD' ? '' : 'object' });
    expect(await scene.proxy.nextReport()).toMatchObject({
      attempts: 2,
      hedges: 1,
      hedgesWon: 1,
      causes: ['hedge'],
      status: 200,
      failure: undefined,
    });
    expect(scene.s3.requests).toHaveLength(2);
  });

  test.each([
    ['the first', 0, 1],
    ['the second', 1, 0],
  ] as const)(
    'of %s cuts the other request at once, long before the body has ended.',
    async (_, winner, loser) => {
      const answered = scene.ask();
      await scene.s3.request(2);
      scene.s3.requests[winner]!.send('HTTP/1.1 200 OK\r\nETag: "a"\r\nContent-Length: 6\r\n\r\nobj');
      await scene.s3.waitFor(() => scene.s3.requests[loser]!.isGone, 'the end of the other connection');
      expect(scene.s3.requests[winner]!.isGone).toBe(false);
      scene.s3.requests[winner]!.send('ect');
      expect(await answered).toMatchObject({ status: 200, text: 'object' });
      expect(await scene.proxy.nextReport()).toMatchObject({ attempts: 2, hedges: 1, hedgesWon: winner });
    },
  );

  test('is asked for twice, and no third time.', async () => {
    const answered = scene.ask();
    await scene.s3.request(2);
    await pass(LONG_ENOUGH_MS);
    expect(scene.s3.requests).toHaveLength(2);
    scene.s3.requests[0]!.answer('object');
    await answered;
  });

  test('is waited for where hedges are off.', async () => {
    await scene.restart({ 'hedge.enabled': 'false' });
    const answered = scene.ask();
    const first = await scene.s3.request(1);
    await pass(LONG_ENOUGH_MS);
    first.answer('object');
    expect(await answered).toMatchObject({ status: 200, text: 'object' });
    expect(scene.s3.requests).toHaveLength(1);
    expect(await scene.proxy.nextReport()).toMatchObject({ attempts: 1, hedges: 0, causes: [] });
  });

  test('is asked for at another address, where S3 has one and the client can choose.', async () => {
    const spread = await startStagedS3({ addresses: ['127.0.0.1', '127.0.0.2'] });
    const lookup: LookupFunction = (_name, _options, done) =>
      done(null, [
        { address: '127.0.0.1', family: 4 },
        { address: '127.0.0.2', family: 4 },
      ]);
    await scene.restart({ 's3.endpoint': `http://s3.test:${spread.port}` }, { lookup });
    const answered = scene.ask();
    const first = await spread.request(1);
    const second = await spread.request(2);
    if (S3_CLIENT === 'wire') expect(second.address).not.toBe(first.address);
    second.answer('object');
    expect(await answered).toMatchObject({ status: 200 });
    await spread.close();
  });
});

describe('Once there is a head', () => {
  test('its body may take its time.', async () => {
    const answered = scene.ask();
    const first = await scene.s3.request(1);
    first.send('HTTP/1.1 200 OK\r\nETag: "a"\r\nContent-Length: 6\r\n\r\n');
    await pass(LONG_ENOUGH_MS);
    first.send('object');
    expect(await answered).toMatchObject({ status: 200, text: 'object' });
    expect(scene.s3.requests).toHaveLength(1);
  });

  test('the request for the rest of a broken body is not made twice.', async () => {
    const connection = scene.askOnSocket();
    const first = await scene.s3.request(1);
    first.send('HTTP/1.1 200 OK\r\nETag: "a"\r\nContent-Length: 6\r\n\r\nobj');
    await connection.untilText('obj');
    first.reset();
    const second = await scene.s3.request(2);
    expect(second.headers.get('range')).toBe('bytes=3-5');
    await pass(LONG_ENOUGH_MS);
    expect(scene.s3.requests).toHaveLength(2);
    second.send(
      'HTTP/1.1 206 Partial\r\nETag: "a"\r\nContent-Range: bytes 3-5/6\r\nContent-Length: 3\r\n\r\nect',
    );
    expect(await connection.readResponse()).toMatchObject({ status: 200, text: 'object' });
    expect(await scene.proxy.nextReport()).toMatchObject({ hedges: 0, resumes: 1, causes: ['body_cut'] });
    connection.destroy();
  });
});

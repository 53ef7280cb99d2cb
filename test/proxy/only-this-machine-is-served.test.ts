import { networkInterfaces } from 'node:os';
import { expect, test } from 'vitest';
import { Connection } from '../support/connection.ts';
import { useScene } from '../support/open-scene.ts';

const scene = useScene();

const ownAddress = Object.values(networkInterfaces())
  .flat()
  .find((address) => address?.family === 'IPv4' && !address.internal)?.address;

test('Any address of the loopback net is this machine.', async () => {
  scene.s3.put('a', 'object');
  const connection = new Connection({ host: '127.0.0.1', port: scene.proxy.port, localAddress: '127.9.8.7' });
  expect(await connection.get('/a').readResponse()).toMatchObject({ status: 200 });
  connection.destroy();
});

test.skipIf(ownAddress === undefined)(
  'A peer with an address of a network is refused with 403, even on the loopback listener.',
  async () => {
    const connection = new Connection({
      host: '127.0.0.1',
      port: scene.proxy.port,
      localAddress: ownAddress!,
    });
    const { status, text } = await connection.get('/a').readResponse();
    expect([status, scene.s3.seen]).toEqual([403, []]);
    expect(text).toContain('allow_remote');
    expect(await scene.proxy.nextReport()).toMatchObject({ status: 403, failure: 'peer_not_loopback' });
    connection.destroy();
  },
);

import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { onTestFinished, expect, test } from 'vitest';
import { waitUntil } from '../../support/with-deadline.ts';
import { Exchange, get, openClient, openServer } from './open-client.ts';
import { endpointAt, type RawAnswer, type RawServer, respond, startRawServer } from './raw-server.ts';

const answerOk: RawAnswer = (_request, { socket }) => socket.write(respond('ok'));

function answering(...ips: string[]): LookupFunction {
  const all: LookupAddress[] = ips.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  return (_hostname, _options, callback) => callback(null, all);
}

/** The same port on several addresses of this machine. */
async function openServers(ips: readonly string[], answer: RawAnswer = answerOk): Promise<RawServer[]> {
  for (let tries = 0; ; tries += 1) {
    const servers: RawServer[] = [];
    try {
      for (const host of ips)
        servers.push(await startRawServer(answer, { host, port: servers[0]?.port ?? 0 }));
      onTestFinished(() => Promise.all(servers.map((server) => server.close())).then(() => undefined));
      return servers;
    } catch (error) {
      // Somebody else has the first one's port on the next address.
      await Promise.all(servers.map((server) => server.close()));
      if (tries === 20) throw error;
    }
  }
}

test('all addresses are used in turn', async () => {
  const ips = ['127.0.0.1', '127.0.0.2', '127.0.0.3'];
  const servers = await openServers(ips, () => undefined);
  const client = openClient(endpointAt(servers[0]!.port, 's3.test'), { lookup: answering(...ips) });
  const exchanges = Array.from({ length: 9 }, () => new Exchange(client));
  await waitUntil(
    () => servers.every(({ connections }) => connections.length === 3),
    'three connections each',
  );
  expect(exchanges.map(({ attempt }) => attempt.address).toSorted()).toEqual(
    ips.flatMap((ip) => [ip, ip, ip]),
  );
});

test('the one with the fewest connections comes next', async () => {
  const ips = ['127.0.0.1', '127.0.0.2'];
  const servers = await openServers(ips, () => undefined);
  const client = openClient(endpointAt(servers[0]!.port, 's3.test'), { lookup: answering(...ips) });
  const exchanges = Array.from({ length: 6 }, () => new Exchange(client));
  const counts = (): number[] => servers.map(({ connections }) => connections.length);
  await waitUntil(() => counts().join() === '3,3', 'three connections each');
  for (const exchange of exchanges) if (exchange.attempt.address === '127.0.0.2') exchange.attempt.abort();
  for (let count = 0; count < 3; count += 1) new Exchange(client);
  await waitUntil(() => counts().join() === '3,6', 'three more to the second');
});

test('a dead address costs no request, and is left alone then', async () => {
  const ips = ['127.0.0.1', '127.0.0.2', '127.0.0.3'];
  const servers = await openServers(ips);
  await servers[1]!.close();
  const client = openClient(endpointAt(servers[0]!.port, 's3.test'), { lookup: answering(...ips) });
  const outcomes = await Promise.all(Array.from({ length: 12 }, () => get(client, { connection: 'fresh' })));
  expect(outcomes.every(({ isComplete }) => isComplete)).toBe(true);
  // Were it asked, it would answer now.
  const revived = await openServer(answerOk, { host: '127.0.0.2', port: servers[0]!.port });
  for (let count = 0; count < 6; count += 1) await get(client, { connection: 'fresh' });
  expect(revived.connections).toHaveLength(0);
});

test('a silent address leaves time for another', async () => {
  const ips = ['127.0.0.1', '127.0.0.2'];
  // Neither answers the TLS client hello; the second says so at once.
  const servers = await openServers(ips, () => undefined);
  servers[1]!.connections.length = 0;
  const endpoint = endpointAt(servers[0]!.port, 's3.test', 'https:');
  const client = openClient(endpoint, { lookup: answering(...ips), connectTimeoutMs: 600 });
  const from = performance.now();
  expect(await get(client)).toMatchObject({ error: 'WIRE_CONNECT_TIMEOUT' });
  expect(performance.now() - from).toBeLessThan(1200);
  expect(servers.map(({ connections }) => connections.length)).toEqual([1, 1]);
});

test('when all addresses fail the last error is told', async () => {
  const servers = await openServers(['127.0.0.1', '127.0.0.2']);
  await Promise.all(servers.map((server) => server.close()));
  const endpoint = endpointAt(servers[0]!.port, 's3.test');
  const client = openClient(endpoint, { lookup: answering('127.0.0.1', '127.0.0.2') });
  for (let count = 0; count < 3; count += 1)
    expect(await get(client)).toMatchObject({ error: 'ECONNREFUSED' });
  const revived = await openServer(answerOk, { port: servers[0]!.port });
  expect(await get(client), 'with every address set aside').toMatchObject({ isComplete: true });
  expect(revived.connections).toHaveLength(1);
});

test('a fresh connection goes away from an address where there is another', async () => {
  const ips = ['127.0.0.1', '127.0.0.2'];
  const servers = await openServers(ips);
  const client = openClient(endpointAt(servers[0]!.port, 's3.test'), { lookup: answering(...ips) });
  for (let count = 0; count < 4; count += 1) {
    const exchange = new Exchange(client, { connection: 'fresh', awayFrom: '127.0.0.1' });
    await exchange.finish();
    expect(exchange.attempt.address).toBe('127.0.0.2');
  }
  const only = openClient(endpointAt(servers[0]!.port, 's3.test'), { lookup: answering('127.0.0.1') });
  expect(await get(only, { connection: 'fresh', awayFrom: '127.0.0.1' })).toMatchObject({ isComplete: true });
});

test('what DNS says of a name that is not there is told', async () => {
  const client = openClient(endpointAt(1, 'missing.test'), {
    lookup: (_hostname, _options, callback) =>
      callback(Object.assign(new Error('no'), { code: 'ENOTFOUND' }), []),
  });
  expect(await get(client)).toMatchObject({ error: 'ENOTFOUND' });
  const empty = openClient(endpointAt(1, 'empty.test'), { lookup: answering() });
  expect(await get(empty)).toMatchObject({ error: 'WIRE_NO_ADDRESS' });
});

test('an address that is written down needs no DNS, IPv6 too', async () => {
  const lookup: LookupFunction = () => expect.unreachable();
  const server = await openServer(answerOk);
  expect(await get(openClient(endpointAt(server.port), { lookup }))).toMatchObject({ isComplete: true });
  const six = await openServer(answerOk, { host: '::1' });
  expect(await get(openClient(endpointAt(six.port, '::1'), { lookup }))).toMatchObject({ isComplete: true });
});

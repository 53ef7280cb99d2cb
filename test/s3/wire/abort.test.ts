import { expect, test } from 'vitest';
import { waitUntil, withDeadline } from '../../support/with-deadline.ts';
import { Exchange, get, openClient, openServer } from './open-client.ts';
import { endpointAt, respond } from './raw-server.ts';

const BIG = 'x'.repeat(50_000);

/** Gives what should not come the time to come. */
async function expectSilence(exchange: Exchange): Promise<void> {
  await expect(exchange.settled(100)).rejects.toThrow('did not come');
}

test('abort before the connection is there opens none, or closes it', async () => {
  const server = await openServer((_request, { socket }) => socket.write(respond('ok')));
  const client = openClient(endpointAt(server.port));
  const exchange = new Exchange(client);
  exchange.attempt.abort();
  await expectSilence(exchange);
  await withDeadline(Promise.all(server.connections.map(({ closed }) => closed)), 'the close of the socket');
  expect(server.connections.flatMap(({ requests }) => requests)).toEqual([]);
});

test('abort while the name is looked up opens no connection', async () => {
  const server = await openServer(() => undefined);
  const lookedUp = Promise.withResolvers<() => void>();
  const client = openClient(endpointAt(server.port, 'slow.test'), {
    lookup: (_hostname, _options, callback) => {
      lookedUp.resolve(() => callback(null, [{ address: '127.0.0.1', family: 4 }]));
    },
  });
  const aborted = new Exchange(client);
  const kept = new Exchange(client);
  const answer = await withDeadline(lookedUp.promise, 'the lookup');
  aborted.attempt.abort();
  answer();
  await waitUntil(() => server.connections.length > 0, 'the connection of the other attempt');
  await expectSilence(aborted);
  expect(server.connections).toHaveLength(1);
  kept.attempt.abort();
});

test('abort before the head closes the socket at once', async () => {
  const server = await openServer(() => undefined);
  const client = openClient(endpointAt(server.port));
  const exchange = new Exchange(client);
  await waitUntil(() => server.connections[0]?.requests.length === 1, 'the request');
  exchange.attempt.abort();
  await withDeadline(server.connections[0]!.closed, 'the close of the socket', 1000);
  await expectSilence(exchange);
});

test('abort in the body closes the socket at once', async () => {
  const server = await openServer((_request, { socket }) =>
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n${BIG}`),
  );
  const client = openClient(endpointAt(server.port));
  const exchange = new Exchange(client);
  void exchange.finish().catch(() => undefined);
  await waitUntil(() => exchange.bytes > 0, 'a piece of the body');
  exchange.attempt.abort();
  await withDeadline(server.connections[0]!.closed, 'the close of the socket', 1000);
  await expectSilence(exchange);
});

test.each(['onHead', 'onData'] as const)('abort inside %s is the last that happens', async (when) => {
  const server = await openServer((_request, { socket }) => socket.write(respond(BIG)));
  const client = openClient(endpointAt(server.port));
  const exchange = new Exchange(client);
  exchange.whenHead = () => (when === 'onHead' ? exchange.attempt.abort() : exchange.attempt.resume());
  exchange.whenChunk = () => exchange.attempt.abort();
  await waitUntil(() => exchange.head !== undefined, 'the head');
  await withDeadline(server.connections[0]!.closed, 'the close of the socket', 1000);
  await expectSilence(exchange);
  expect(exchange.bytes > 0).toBe(when === 'onData');
});

test('abort of an answer that has come whole keeps its connection', async () => {
  const server = await openServer((_request, { socket }) => socket.write(respond('small')));
  const client = openClient(endpointAt(server.port));
  const exchange = new Exchange(client);
  await waitUntil(() => exchange.head !== undefined, 'the head');
  exchange.attempt.abort();
  exchange.attempt.resume();
  await expectSilence(exchange);
  await get(client);
  expect(server.connections).toHaveLength(1);
});

test('abort after the end harms nobody', async () => {
  const server = await openServer((_request, { socket }) => socket.write(respond(BIG)));
  const client = openClient(endpointAt(server.port));
  const first = new Exchange(client);
  await first.finish();
  const second = new Exchange(client);
  first.attempt.abort();
  first.attempt.pause();
  first.attempt.freeChunks?.();
  expect((await second.finish()).body.toString()).toBe(BIG);
  expect(server.connections).toHaveLength(1);
});

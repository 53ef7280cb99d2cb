import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { ClientConnections } from '../../src/daemon/client-connections.ts';
import { createHttpServer } from '../../src/daemon/create-http-server.ts';
import { Connection } from '../support/connection.ts';
import { waitUntil } from '../support/with-deadline.ts';

/** More than the kernel takes for a client that does not read. */
const SIZE = 60_000_000;

async function openServer() {
  const server = createHttpServer({
    clientHeaderTimeoutMs: 10_000,
    keepAliveTimeoutMs: 10_000,
    serve: ({ url }, response) => {
      const body = Buffer.alloc(url === '/big' ? SIZE : 2);
      response.writeHead(200, { 'Content-Length': body.length }).end(body);
    },
    reportBroken: () => undefined,
  });
  const connections = new ClientConnections();
  connections.watch(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const connect = () => {
    const connection = new Connection(port);
    onTestFinished(() => connection.destroy());
    return connection;
  };
  onTestFinished(() => {
    connections.closeAll();
    server.close();
  });
  return { server, connections, connect };
}

test('A response that has ended and is still being sent is no idle connection.', async () => {
  const { connections, connect, server } = await openServer();
  const answered = once(server, 'request');
  const reader = connect();
  reader.keepsBytes = false;
  reader.socket.pause();
  reader.get('/big');
  await answered;
  connections.closeIdle();
  reader.socket.resume();
  await reader.until(() => reader.receivedBytes > SIZE, 'the whole response');
  connections.closeIdle();
  expect(await reader.untilClosed()).toBe('fin');
});

test('Connections are fresh until they are answered, idle between two requests, and then gone.', async () => {
  const { connections, connect, server } = await openServer();
  const [one, two] = [connect(), connect()];
  await waitUntil(() => connections.countFresh() === 2, 'both connections');
  const half = connect().send('GET /half HT');
  await waitUntil(() => connections.countFresh() === 3, 'the third connection');
  await one.get('/small').readResponse();
  expect(connections.countFresh()).toBe(2);
  connections.closeIdle();
  expect(await one.untilClosed()).toBe('fin');
  await two.get('/small').readResponse();
  half.send('TP/1.1\r\nHost: localhost\r\n\r\n');
  expect((await half.readResponse()).status).toBe(200);
  expect(connections.countFresh()).toBe(0);
  connections.closeAll();
  await Promise.all([two.untilClosed(), half.untilClosed()]);
  expect(await new Promise((resolve) => server.getConnections((_, count) => resolve(count)))).toBe(0);
});

import { expect, test } from 'vitest';
import { waitUntil, withDeadline } from '../../support/with-deadline.ts';
import { Exchange, get, openClient, openServer } from './open-client.ts';
import { endpointAt, type RawAnswer, respond } from './raw-server.ts';

const answerOk: RawAnswer = (_request, { socket }) => socket.write(respond('ok'));

test('one connection serves request after request', async () => {
  const server = await openServer(answerOk);
  const client = openClient(endpointAt(server.port));
  for (let count = 0; count < 5; count += 1) expect((await get(client)).body.toString()).toBe('ok');
  expect(server.connections.map(({ requests }) => requests.length)).toEqual([5]);
});

test('the request is written as given, in one head', async () => {
  const server = await openServer(answerOk);
  const client = openClient(endpointAt(server.port));
  await get(client, { method: 'HEAD', target: '/a%20b?x=%2F', headers: ['host', 'h', 'if-match', '"\xe9"'] });
  expect(server.connections[0]?.requests).toEqual([
    'HEAD /a%20b?x=%2F HTTP/1.1\r\nhost: h\r\nif-match: "\xe9"\r\n\r\n',
  ]);
});

test('responses without a body leave the connection open', async () => {
  const server = await openServer((request, { socket }) => {
    const status = /^HEAD|\/(\d+)/.exec(request)?.[1];
    socket.write(
      status === undefined
        ? 'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n'
        : `HTTP/1.1 ${status} X\r\n${status === '304' ? 'Content-Length: 9\r\n' : ''}\r\n`,
    );
  });
  const client = openClient(endpointAt(server.port));
  expect(await get(client, { method: 'HEAD' })).toMatchObject({ statusCode: 200, isComplete: true });
  expect(await get(client, { target: '/304' })).toMatchObject({ statusCode: 304, isComplete: true });
  expect(await get(client, { target: '/204' })).toMatchObject({ statusCode: 204, isComplete: true });
  expect(server.connections).toHaveLength(1);
});

test('the connection that came free last is used first', async () => {
  const sockets = new Map<string, () => void>();
  const server = await openServer((request, { socket }) => {
    const target = request.split(' ')[1] ?? '';
    sockets.set(target, () => socket.write(respond(target)));
  });
  const client = openClient(endpointAt(server.port));
  const exchanges = ['/a', '/b', '/c'].map((target) => new Exchange(client, { target }));
  await waitUntil(() => sockets.size === 3, 'three requests');
  for (const [index, target] of ['/a', '/c', '/b'].entries()) {
    const exchange = exchanges[['/a', '/b', '/c'].indexOf(target)]!;
    sockets.get(target)?.();
    expect((await exchange.finish()).body.toString(), `${index}`).toBe(target);
  }
  const next = new Exchange(client, { target: '/d' });
  await waitUntil(() => sockets.has('/d'), 'the fourth request');
  sockets.get('/d')?.();
  await next.finish();
  const carrier = server.connections.find(({ requests }) => requests.length === 2);
  expect(carrier?.requests[0]).toContain('/b');
});

test('a connection that S3 wants closed is closed and not used again', async () => {
  const server = await openServer((_request, { socket }) => socket.write(respond('ok', 'Connection: close')));
  const client = openClient(endpointAt(server.port));
  await get(client);
  await withDeadline(server.connections[0]!.closed, 'the close of the first connection');
  await get(client);
  expect(server.connections.map(({ requests }) => requests.length)).toEqual([1, 1]);
});

test('a connection of HTTP/1.0 is not used again', async () => {
  const server = await openServer((_request, { socket }) =>
    socket.write('HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx'),
  );
  const client = openClient(endpointAt(server.port));
  expect(await get(client)).toMatchObject({ isComplete: true });
  await withDeadline(server.connections[0]!.closed, 'the close of the connection');
});

test('an idle connection is closed after four seconds, before S3 does it', async () => {
  const server = await openServer(answerOk);
  const client = openClient(endpointAt(server.port));
  await get(client);
  const idleSince = performance.now();
  await withDeadline(server.connections[0]!.closed, 'the close of the idle connection');
  const idleMs = performance.now() - idleSince;
  expect(idleMs).toBeGreaterThan(3800);
  expect(idleMs).toBeLessThan(4600);
});

test('a connection that S3 closed while it was idle is not used', async () => {
  const server = await openServer(answerOk);
  const client = openClient(endpointAt(server.port));
  await get(client);
  server.connections[0]!.socket.end();
  await withDeadline(server.connections[0]!.closed, 'the close of the first connection');
  expect(await get(client)).toMatchObject({ isComplete: true });
  expect(server.connections.map(({ requests }) => requests.length)).toEqual([1, 1]);
});

test.each(['end', 'resetAndDestroy'] as const)(
  'a request that meets the close of a kept connection (%s) is repeated on a new one, at no cost',
  async (close) => {
    const server = await openServer((_request, connection) => {
      if (connection.requests.length === 1) connection.socket.write(respond('ok'));
      else connection.socket[close]();
    });
    const client = openClient(endpointAt(server.port));
    await get(client);
    expect(await get(client, { target: '/again' })).toMatchObject({ isComplete: true });
    expect(server.connections.map(({ requests }) => requests.length)).toEqual([2, 1]);
  },
);

test('it is repeated once only, and never on a new connection', async () => {
  let answers = 0;
  const server = await openServer((_request, { socket }) => {
    answers += 1;
    if (answers === 1) socket.write(respond('ok'));
    else socket.end();
  });
  const client = openClient(endpointAt(server.port));
  await get(client);
  expect(await get(client)).toMatchObject({ error: 'WIRE_EARLY_CLOSE', statusCode: undefined });
  expect(answers).toBe(3);
  expect(await get(client)).toMatchObject({ error: 'WIRE_EARLY_CLOSE', statusCode: undefined });
  expect(answers).toBe(4);
});

test('it is not repeated once a byte of the response has come', async () => {
  const server = await openServer((_request, { socket, requests }) => {
    if (requests.length === 1) socket.write(respond('ok'));
    else socket.end('H');
  });
  const client = openClient(endpointAt(server.port));
  await get(client);
  expect(await get(client)).toMatchObject({ error: 'WIRE_EARLY_CLOSE' });
  expect(server.connections).toHaveLength(1);
});

test('a connection on which S3 speaks unasked is dropped', async () => {
  const server = await openServer(answerOk);
  const client = openClient(endpointAt(server.port));
  await get(client);
  server.connections[0]!.socket.write(respond('poison'));
  await withDeadline(server.connections[0]!.closed, 'the close of the first connection', 1000);
  expect((await get(client)).body.toString()).toBe('ok');
});

test('a fresh connection is opened where one is asked for', async () => {
  const server = await openServer(answerOk);
  const client = openClient(endpointAt(server.port));
  await get(client);
  await get(client, { connection: 'fresh' });
  await get(client, { connection: 'any' });
  expect(server.connections.map(({ requests }) => requests.length).toSorted()).toEqual([1, 2]);
});

test('close ends what waits for its answer on a kept connection, and does not ask anew', async () => {
  const server = await openServer((request, { socket }) => {
    if (request.includes('/first')) socket.write(respond('ok'));
  });
  const client = openClient(endpointAt(server.port));
  await get(client, { target: '/first' });
  const waiting = new Exchange(client);
  await waitUntil(() => server.connections[0]?.requests.length === 2, 'the second request');
  await client.close();
  expect(await waiting.settled()).toMatchObject({ error: 'WIRE_CLIENT_CLOSED', statusCode: undefined });
  expect([client.countConnections(), server.connections.length]).toEqual([
    { open: 0, busy: 0, waiting: 0 },
    1,
  ]);
});

test('close ends what is in flight and refuses what comes after', async () => {
  const server = await openServer((request, { socket }) => {
    if (request.includes('/body')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf');
  });
  const client = openClient(endpointAt(server.port));
  const waiting = new Exchange(client);
  const reading = new Exchange(client, { target: '/body' });
  const half = reading.finish();
  await waitUntil(() => reading.bytes === 4 && server.connections.length === 2, 'half of the body');
  const opening = new Exchange(client);
  await client.close();
  expect(await waiting.settled()).toMatchObject({ error: 'WIRE_CLIENT_CLOSED', statusCode: undefined });
  expect(await half).toMatchObject({ error: 'WIRE_CLIENT_CLOSED', statusCode: 200 });
  expect(await opening.settled()).toMatchObject({ error: 'WIRE_CLIENT_CLOSED' });
  expect(await get(client)).toMatchObject({ error: 'WIRE_CLIENT_CLOSED' });
  await withDeadline(Promise.all(server.connections.map(({ closed }) => closed)), 'the close of all sockets');
});

test('what cannot be one request is not sent', async () => {
  const server = await openServer(answerOk);
  const client = openClient(endpointAt(server.port));
  const bad = [
    { target: '/a b' },
    { target: '/\r\nx: y' },
    { target: '' },
    { target: '/\u010d\u010a' },
    { headers: ['host', 'a\r\nx: y'] },
    { headers: ['host', 'a\u010a'] },
    { headers: ['host', 'a\0'] },
    { headers: ['ho st', 'a'] },
    { headers: ['', 'a'] },
  ];
  for (const request of bad) expect(await get(client, request)).toMatchObject({ error: 'WIRE_BAD_REQUEST' });
  expect(server.connections).toHaveLength(0);
});

import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { waitUntil } from '../../support/with-deadline.ts';
import { Exchange, openClient, openServer } from './open-client.ts';
import { endpointAt, type RawConnection, respond } from './raw-server.ts';

const MEGABYTE = 1024 * 1024;

/** Writes for as long as the client's side takes it. @returns how many bytes it took */
function pour(body: Buffer): (request: string, connection: RawConnection) => void {
  return (_request, { socket }) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`);
    socket.write(body);
  };
}

test.each([
  ['with a body', respond('body')],
  ['without a body', respond('')],
  ['in chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n'],
  ['to the close', 'HTTP/1.1 200 OK\r\n\r\nbody'],
])('nothing of an answer %s is told before it is asked for', async (what, bytes) => {
  const server = await openServer((_request, { socket }) => {
    if (what === 'to the close') socket.end(bytes);
    else socket.write(bytes);
  });
  const client = openClient(endpointAt(server.port));
  const exchange = new Exchange(client);
  await waitUntil(() => exchange.head !== undefined, 'the head');
  await expect(exchange.settled(100)).rejects.toThrow('did not come');
  expect(exchange.bytes).toBe(0);
  const outcome = await exchange.finish();
  expect(outcome).toMatchObject({ isComplete: true });
  expect(outcome.body.toString()).toBe(what === 'without a body' ? '' : 'body');
});

test('resume inside onHead is enough', async () => {
  const server = await openServer((_request, { socket }) => socket.write(respond('body')));
  const exchange = new Exchange(openClient(endpointAt(server.port)));
  exchange.whenHead = () => exchange.attempt.resume();
  expect((await exchange.settled()).body.toString()).toBe('body');
});

test.each(['before the first byte', 'in the body'])(
  "S3's socket fills up while the reader holds (%s)",
  async (when) => {
    const body = randomBytes(32 * MEGABYTE);
    const server = await openServer(pour(body));
    const exchange = new Exchange(openClient(endpointAt(server.port)));
    if (when === 'in the body') {
      exchange.whenHead = () => exchange.attempt.resume();
      exchange.whenChunk = () => exchange.attempt.pause();
    }
    await waitUntil(() => exchange.head !== undefined, 'the head');
    const { socket } = server.connections[0]!;
    const drained = new Promise<never>((_, reject) => {
      socket.once('drain', () => reject(new Error('S3 could write on')));
    });
    await expect(Promise.race([exchange.settled(300), drained])).rejects.toThrow('did not come');
    expect(exchange.bytes).toBeLessThanOrEqual(64 * 1024);
    expect(socket.writableLength).toBeGreaterThan(0);
    drained.catch(() => undefined);
    exchange.whenChunk = () => undefined;
    expect((await exchange.finish()).body.equals(body)).toBe(true);
  },
);

test('pause and resume at every chunk, inside and outside of onData, lose nothing', async () => {
  const body = randomBytes(4 * MEGABYTE);
  const server = await openServer(pour(body));
  const exchange = new Exchange(openClient(endpointAt(server.port)));
  let chunks = 0;
  exchange.whenHead = () => setImmediate(() => exchange.attempt.resume());
  exchange.whenChunk = () => {
    chunks += 1;
    exchange.attempt.pause();
    if (chunks % 3 === 0) exchange.attempt.resume();
    else if (chunks % 3 === 1) queueMicrotask(() => exchange.attempt.resume());
    else setImmediate(() => exchange.attempt.resume());
  };
  expect((await exchange.settled()).body.equals(body)).toBe(true);
});

test('a slow reader leaves a connection that can be used again', async () => {
  const body = randomBytes(2 * MEGABYTE);
  const server = await openServer(pour(body));
  const client = openClient(endpointAt(server.port));
  for (let count = 0; count < 3; count += 1) {
    const exchange = new Exchange(client);
    exchange.whenHead = () => setImmediate(() => exchange.attempt.resume());
    exchange.whenChunk = () => {
      exchange.attempt.pause();
      setImmediate(() => exchange.attempt.resume());
    };
    expect((await exchange.settled()).body.equals(body)).toBe(true);
  }
  expect(server.connections).toHaveLength(1);
});

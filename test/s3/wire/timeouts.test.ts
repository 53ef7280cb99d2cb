import { describe, expect, test } from 'vitest';
import { waitUntil, withDeadline } from '../../support/with-deadline.ts';
import { Exchange, get, openClient, openServer } from './open-client.ts';
import { endpointAt, type RawAnswer, respond } from './raw-server.ts';

/** The clock is seen within two ticks of 50 ms; the rest is for a busy machine. */
const LATEST_MS = 600;

const silence: RawAnswer = () => undefined;
const half: RawAnswer = (_request, { socket }) =>
  socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf');

async function timed<T>(act: () => Promise<T>): Promise<{ result: T; ms: number }> {
  const from = performance.now();
  const result = await act();
  return { result, ms: performance.now() - from };
}

describe('an attempt fails in time', () => {
  test('when TLS is not answered', async () => {
    const server = await openServer(silence);
    const client = openClient(endpointAt(server.port, '127.0.0.1', 'https:'), { connectTimeoutMs: 200 });
    const { result, ms } = await timed(() => get(client));
    expect(result).toMatchObject({ error: 'WIRE_CONNECT_TIMEOUT' });
    expect(ms).toBeGreaterThanOrEqual(199);
    expect(ms).toBeLessThan(200 + LATEST_MS);
    await withDeadline(server.connections[0]!.closed, 'the close of the socket');
  });

  test('when DNS is silent', async () => {
    const client = openClient(endpointAt(1, 'silent.test'), {
      connectTimeoutMs: 200,
      lookup: () => undefined,
    });
    const { result, ms } = await timed(() => get(client));
    expect(result).toMatchObject({ error: 'WIRE_CONNECT_TIMEOUT' });
    expect(ms).toBeGreaterThanOrEqual(199);
    expect(ms).toBeLessThan(200 + LATEST_MS);
  });

  test.each([
    ['nothing', ''],
    ['half a head', 'HTTP/1.1 200 OK\r\nETag: "a'],
    ['an interim response', 'HTTP/1.1 100 Continue\r\n\r\n'],
  ])('when %s is all that comes', async (_what, bytes) => {
    const server = await openServer((_request, { socket }) => socket.write(bytes));
    const client = openClient(endpointAt(server.port), { firstByteTimeoutMs: 200 });
    const { result, ms } = await timed(() => get(client));
    expect(result).toMatchObject({ error: 'WIRE_FIRST_BYTE_TIMEOUT', statusCode: undefined });
    expect(ms).toBeGreaterThanOrEqual(199);
    expect(ms).toBeLessThan(200 + LATEST_MS);
    await withDeadline(server.connections[0]!.closed, 'the close of the socket');
  });

  test('by the limit of its own request, where there is one', async () => {
    const server = await openServer(silence);
    const client = openClient(endpointAt(server.port));
    const { result, ms } = await timed(() => get(client, { firstByteTimeoutMs: 200 }));
    expect(result).toMatchObject({ error: 'WIRE_FIRST_BYTE_TIMEOUT' });
    expect(ms).toBeGreaterThanOrEqual(199);
    expect(ms).toBeLessThan(200 + LATEST_MS);
  });

  test('when a kept connection is silent, without a second try', async () => {
    const server = await openServer((_request, { socket, requests }) => {
      if (requests.length === 1) socket.write(respond('ok'));
    });
    const client = openClient(endpointAt(server.port), { firstByteTimeoutMs: 200 });
    await get(client);
    expect(await get(client)).toMatchObject({ error: 'WIRE_FIRST_BYTE_TIMEOUT' });
    expect(server.connections).toHaveLength(1);
  });

  test('when the body stops', async () => {
    const server = await openServer(half);
    const client = openClient(endpointAt(server.port), { bodyStallTimeoutMs: 200 });
    const { result, ms } = await timed(() => get(client));
    expect(result).toMatchObject({ error: 'WIRE_BODY_STALL', statusCode: 200 });
    expect(result.body.toString()).toBe('half');
    expect(ms).toBeGreaterThanOrEqual(199);
    expect(ms).toBeLessThan(200 + LATEST_MS);
    await withDeadline(server.connections[0]!.closed, 'the close of the socket');
  });
});

test('a body that its reader holds up does not stall', async () => {
  const server = await openServer(half);
  const client = openClient(endpointAt(server.port), { firstByteTimeoutMs: 150, bodyStallTimeoutMs: 150 });
  const unread = new Exchange(client);
  const paused = new Exchange(client, { target: '/paused' });
  paused.whenHead = () => paused.attempt.resume();
  paused.whenChunk = () => paused.attempt.pause();
  await waitUntil(() => unread.head !== undefined && paused.bytes === 4, 'both heads and half of a body');
  // Three times the limit.
  await expect(Promise.race([unread.settled(450), paused.settled(450)])).rejects.toThrow('did not come');
  const pausedConnection = server.connections.find(
    ({ requests }) => requests[0]?.includes('/paused') === true,
  );
  pausedConnection?.socket.write('other');
  paused.whenChunk = () => undefined;
  expect((await paused.finish()).body.toString()).toBe('halfother');
  expect(await unread.finish()).toMatchObject({ error: 'WIRE_BODY_STALL' });
});

test('a body that trickles does not stall', async () => {
  const server = await openServer((_request, { socket }) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n');
    let sent = 0;
    const timer = setInterval(() => {
      sent += 1;
      socket.write('x');
      if (sent === 10) clearInterval(timer);
    }, 60);
    socket.once('close', () => clearInterval(timer));
  });
  const client = openClient(endpointAt(server.port), { firstByteTimeoutMs: 150, bodyStallTimeoutMs: 250 });
  expect(await get(client)).toMatchObject({ isComplete: true });
});

test('nobody is late while this process was held up', async () => {
  const server = await openServer((_request, { socket }) => socket.write(respond('ok')));
  const client = openClient(endpointAt(server.port), { firstByteTimeoutMs: 300 });
  await get(client);
  const held = new Exchange(client);
  const until = performance.now() + 700;
  while (performance.now() < until);
  expect(await held.finish()).toMatchObject({ isComplete: true });
});

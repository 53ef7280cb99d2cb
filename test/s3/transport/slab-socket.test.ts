import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, type MockInstance, onTestFinished, test, vi } from 'vitest';
import type { SocketOpener } from '../../../src/s3/transport/open-socket.ts';
import { SlabSocket, type SocketEvents } from '../../../src/s3/transport/slab-socket.ts';
import { waitUntil, withDeadline } from '../../support/with-deadline.ts';

interface Scene {
  readonly socket: SlabSocket;
  /** What Node's, below it, was told. */
  readonly told: { readonly noDelay: MockInstance; readonly keepAlive: MockInstance };
  /** The other end. */
  readonly server: Socket;
  readonly events: { [Event in keyof SocketEvents]: ReturnType<typeof vi.fn> };
  readonly received: () => string;
}

async function open(): Promise<Scene> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const accepted = once(listener, 'connection') as Promise<[Socket]>;
  const told: Scene['told'][] = [];
  const opener: SocketOpener = (host, onread, whenReady) => {
    const below = connect({ host, port, onread }, whenReady);
    told.push({ noDelay: vi.spyOn(below, 'setNoDelay'), keepAlive: vi.spyOn(below, 'setKeepAlive') });
    return below;
  };
  let received = '';
  const events = {
    onReady: vi.fn(),
    onBytes: vi.fn((segment: Buffer) => (received += segment.toString())),
    onGone: vi.fn(),
  };
  const socket = new SlabSocket(opener, '127.0.0.1', events);
  const [server] = await withDeadline(accepted, 'the connection');
  onTestFinished(() => {
    socket.destroy();
    server.destroy();
    listener.close();
  });
  await waitUntil(() => events.onReady.mock.calls.length === 1, 'the word that it is open');
  return { socket, told: told[0]!, server, events, received: () => received };
}

test('what is written goes at once, and the silence of a dead peer is found out', async () => {
  const { told } = await open();
  expect(told.noDelay).toHaveBeenCalledExactlyOnceWith(true);
  expect(told.keepAlive).toHaveBeenCalledExactlyOnceWith(true, 60_000);
});

test('while it is stopped the other side comes to a halt, and afterwards all of it is read', async () => {
  const { socket, server, received } = await open();
  server.write('before ');
  await waitUntil(() => received() === 'before ', 'the first bytes');
  socket.stopReading();
  const most = 8 * 1024 * 1024;
  const isAllTaken = server.write('x'.repeat(most));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect([isAllTaken, received().length < most]).toEqual([false, true]);
  socket.goOnReading();
  await waitUntil(() => received().length === 'before '.length + most, 'the rest');
  expect(received()).toBe(`before ${'x'.repeat(most)}`);
});

test('that the other side has closed is told; destroying it closes the other side', async () => {
  const { server, events } = await open();
  server.end();
  await waitUntil(() => events.onGone.mock.calls.length > 0, 'the word of the close');
  expect(events.onGone.mock.calls[0]).toEqual([]);
  const other = await open();
  const closed = once(other.server, 'close');
  other.server.resume();
  other.socket.destroy();
  await withDeadline(closed, 'the close of the other side');
});

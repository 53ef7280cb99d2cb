import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { useScene } from '../support/open-scene.ts';

const scene = useScene();

/** What Node hands to the kernel by, each time with one system call. */
const WRITES = ['writeLatin1String', 'writeUtf8String', 'writeAsciiString', 'writeBuffer', 'writev'] as const;

type Handle = Record<(typeof WRITES)[number], (...args: unknown[]) => number>;

/** Counts what is written to the daemon's clients from now on. */
function countWrites(): () => number {
  let writes = 0;
  const onSocket = (message: unknown): void => {
    const { socket } = message as { readonly socket: Socket & { readonly _handle: Handle } };
    if (socket.localPort !== scene.proxy.port) return;
    for (const name of WRITES) {
      const write = socket._handle[name].bind(socket._handle);
      vi.spyOn(socket._handle, name).mockImplementation((...args) => {
        writes += 1;
        return write(...args);
      });
    }
  };
  subscribe('net.server.socket', onSocket);
  onTestFinished(() => {
    unsubscribe('net.server.socket', onSocket);
  });
  return () => writes;
}

test.each([
  ['an object', '/small', 200],
  ['an empty object', '/empty', 200],
  ['an answer of our own', '/missing', 404],
])('%s', async (_, target, status) => {
  scene.s3.put('small', { size: 1000 });
  scene.s3.put('empty', '');
  const writes = countWrites();
  const connection = scene.connect();
  for (let asked = 1; asked <= 3; asked += 1) {
    connection.get(target);
    expect((await connection.readResponse()).status).toBe(status);
    expect(writes()).toBe(asked);
  }
});

import { chmodSync, existsSync, rmSync, statSync } from 'node:fs';
import { connect, type AddressInfo, type Server } from 'node:net';
import { dirname } from 'node:path';
import type { ListenAddress } from '../config/config.ts';

/** A listen address cannot be used. Its message is one sentence for the operator. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

/** Connections that wait in a socket of systemd's: its own Backlog=, which Node's 511 would lower. */
const MOST_WAITING = 4096;

/**
 * Starts to listen. A file of a unix socket that is left over must be gone by then.
 * @param socketMode - file mode of a unix socket.
 * @returns the address as clients write it, with the port that the system chose for port 0.
 * @throws {ListenError} where the address is taken or not ours.
 */
export async function openListener(
  server: Server,
  address: ListenAddress,
  socketMode: number,
): Promise<string> {
  await listenOn(address, server, (onListening) => {
    if (address.kind === 'unix') server.listen({ path: address.path }, onListening);
    else server.listen({ host: address.host, port: address.port }, onListening);
  });
  if (address.kind === 'unix') chmodSync(address.path, socketMode);
  return describe(address, server);
}

/**
 * Listens on a socket that another process has opened and keeps open: what connects meanwhile waits in it.
 * @param descriptor - of this process
 * @returns the address as clients write it
 * @throws {ListenError} where it is no such socket
 */
export async function adoptListener(
  server: Server,
  address: ListenAddress,
  descriptor: number,
): Promise<string> {
  await listenOn(address, server, (onListening) => {
    server.listen({ fd: descriptor }, MOST_WAITING, onListening);
  });
  return describe(address, server);
}

function listenOn(
  address: ListenAddress,
  server: Server,
  listen: (onListening: () => void) => void,
): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void =>
      reject(new ListenError(explain(error, address), { cause: error }));
    server.once('error', fail);
    listen(() => {
      server.off('error', fail);
      resolve();
    });
  });
}

/**
 * Removes the file of a unix socket that nobody listens on: it is left over from a crash.
 * @throws {ListenError} where it is no socket, or somebody listens
 */
export async function removeStaleSocket(address: ListenAddress): Promise<void> {
  if (address.kind !== 'unix') return;
  const { path } = address;
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (!stat.isSocket())
    throw new ListenError(`cannot listen on unix:${path}: the file exists and is no socket`);
  if (!(await isStale(path)))
    throw new ListenError(`cannot listen on unix:${path}: another process listens there`);
  rmSync(path, { force: true });
}

/** Only a refusal shows that nobody listens: a busy process's full backlog says EAGAIN, another user's socket EACCES (connect(2)). */
function isStale(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect({ path });
    const finish = (isStale: boolean): void => {
      probe.destroy();
      resolve(isStale);
    };
    probe.once('connect', () => finish(false));
    probe.once('error', ({ code }: NodeJS.ErrnoException) =>
      finish(code === 'ECONNREFUSED' || code === 'ENOENT'),
    );
  });
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process listens there',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'the permission is missing',
  ENOENT: 'the directory does not exist',
};

function explain(error: NodeJS.ErrnoException, address: ListenAddress): string {
  const where = address.kind === 'unix' ? `unix:${address.path}` : formatTcp(address.host, address.port);
  // libuv says EACCES for a directory that is missing, as Windows does.
  const isMissing = address.kind === 'unix' && !existsSync(dirname(address.path));
  return `cannot listen on ${where}: ${REASONS[isMissing ? 'ENOENT' : (error.code ?? '')] ?? error.message}`;
}

function describe(address: ListenAddress, server: Server): string {
  if (address.kind === 'unix') return `unix:${address.path}`;
  return formatTcp(address.host, (server.address() as AddressInfo).port);
}

function formatTcp(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

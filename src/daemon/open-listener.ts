import { chmodSync, statSync, unlinkSync } from 'node:fs';
import { connect, type AddressInfo, type Server } from 'node:net';
import type { ListenAddress } from '../config/config.ts';

/** A listen address cannot be used. Its message is one sentence for the operator. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

/**
 * Starts to listen.
 * @param socketMode - file mode of a unix socket.
 * @returns the address as clients write it, with the port that the system chose for port 0.
 * @throws {ListenError} where the address is taken or not ours.
 */
export async function openListener(
  server: Server,
  address: ListenAddress,
  socketMode: number,
): Promise<string> {
  if (address.kind === 'unix') await removeStaleSocket(address.path);
  await new Promise<void>((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void =>
      reject(new ListenError(explain(error, address), { cause: error }));
    server.once('error', fail);
    server.listen(
      address.kind === 'unix' ? { path: address.path } : { host: address.host, port: address.port },
      () => {
        server.off('error', fail);
        resolve();
      },
    );
  });
  if (address.kind === 'unix') chmodSync(address.path, socketMode);
  return describe(address, server);
}

/** A socket file that nobody listens on is left over from a crash. */
async function removeStaleSocket(path: string): Promise<void> {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (!stat.isSocket())
    throw new ListenError(`cannot listen on unix:${path}: the file exists and is no socket`);
  if (await isAnswered(path))
    throw new ListenError(`cannot listen on unix:${path}: another process listens there`);
  unlinkSync(path);
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect({ path });
    const finish = (answered: boolean): void => {
      probe.destroy();
      resolve(answered);
    };
    probe.once('connect', () => finish(true));
    probe.once('error', () => finish(false));
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
  return `cannot listen on ${where}: ${REASONS[error.code ?? ''] ?? error.message}`;
}

function describe(address: ListenAddress, server: Server): string {
  if (address.kind === 'unix') return `unix:${address.path}`;
  return formatTcp(address.host, (server.address() as AddressInfo).port);
}

function formatTcp(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

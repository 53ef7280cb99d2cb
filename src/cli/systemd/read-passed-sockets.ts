import { readFileSync, readlinkSync } from 'node:fs';
import { formatListenAddress } from '../../config/listen-address.ts';
import type { PassedSockets } from '../../daemon/listen-points.ts';
import { findListeningAddress } from './socket-tables.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The first that is handed over (sd_listen_fds(3)). */
const FIRST_DESCRIPTOR = 3;

/**
 * The listening sockets that the service manager handed to this process (socket activation), by their addresses, which
 * the kernel tells: their names (LISTEN_FDNAMES) are anybody's choice.
 * @throws {Error} with one sentence for the operator
 */
export function readPassedSockets({ LISTEN_PID, LISTEN_FDS }: Environment): PassedSockets {
  // A child inherits the variables, and not the sockets.
  if (LISTEN_PID !== String(process.pid) || LISTEN_FDS === undefined) return new Map();
  const descriptors = Array.from({ length: Number(LISTEN_FDS) }, (_, index) => FIRST_DESCRIPTOR + index);
  return new Map(descriptors.map((descriptor) => [findAddress(descriptor), descriptor] as const));
}

/**
 * Compares what was handed over with what is to be listened on. What nobody accepts from would keep clients waiting.
 * @returns a sentence for each that is not to be listened on
 */
export function findUnwantedSockets(
  passed: PassedSockets,
  listen: readonly Parameters<typeof formatListenAddress>[0][],
): string[] {
  const wanted = listen.map(formatListenAddress);
  return [...passed.keys()]
    .filter((address) => !wanted.includes(address))
    .map(
      (address) =>
        `listen: the service manager hands over a socket on ${address}, and listen is ${wanted.join(', ')}; ` +
        'write the same in both (ListenStream= of the socket unit)',
    );
}

function findAddress(descriptor: number): string {
  const inode = /^socket:\[(\d+)\]$/.exec(readLink(descriptor))?.[1];
  const address = inode === undefined ? undefined : findListeningAddress(inode, readTable);
  if (address === undefined) {
    throw new Error(
      `descriptor ${descriptor}, which the service manager handed over, is no listening socket of TCP or unix streams; ` +
        'the socket unit needs ListenStream= and Accept=no',
    );
  }
  return formatListenAddress(address);
}

function readLink(descriptor: number): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return '';
  }
}

/** A kernel without IPv6 has no table of it. */
function readTable(name: string): string {
  try {
    return readFileSync(`/proc/self/net/${name}`, 'utf8');
  } catch {
    return '';
  }
}

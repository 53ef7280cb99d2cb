import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { isLoopbackAddress } from '../config/loopback-address.ts';

/** Whether a client is on this machine; found out once a connection. */
export function createPeerRule(): (request: IncomingMessage) => boolean {
  const verdicts = new WeakMap<Socket, boolean>();
  return ({ socket }) => {
    const known = verdicts.get(socket);
    if (known !== undefined) return known;
    const verdict = socket.remoteAddress !== undefined && isLoopbackAddress(socket.remoteAddress);
    verdicts.set(socket, verdict);
    return verdict;
  };
}

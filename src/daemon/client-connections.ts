import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Node's own note of the response that a socket is busy with; there is no public name for it. */
type ServerSocket = Socket & { readonly _httpMessage?: ServerResponse | null };

interface Entry {
  readonly socket: ServerSocket;
  /** Its index among the others. */
  place: number;
}

/**
 * Knows the connections of clients, so that those can be closed on which nothing is under way. Node's own
 * `closeIdleConnections` takes a response for over that was ended and is still being sent: a slow reader loses its end
 * (Node 26, lib/_http_server.js).
 */
export class ClientConnections {
  /** As in `RequestsInFlight`, and for the same reason no Set. */
  readonly #entries: Entry[] = [];

  watch(server: Server): void {
    server.on('connection', (socket: Socket) => {
      const entry: Entry = { socket, place: this.#entries.length };
      this.#entries.push(entry);
      socket.once('close', () => this.#remove(entry));
    });
  }

  /** Those that were just made: their first request is on its way, and none was answered. */
  countFresh(): number {
    return this.#entries.filter(({ socket }) => !isBusy(socket) && socket.bytesWritten === 0).length;
  }

  /** Closes those that wait for another request. Such a one may be on its way; clients that keep connections know that. */
  closeIdle(): void {
    for (const { socket } of [...this.#entries]) {
      if (!isBusy(socket) && socket.bytesWritten > 0 && !socket.writableEnded) socket.destroy();
    }
  }

  closeAll(): void {
    for (const { socket } of [...this.#entries]) socket.destroy();
  }

  #remove({ place }: Entry): void {
    const last = this.#entries.pop();
    if (last !== undefined && last.place !== place) {
      this.#entries[place] = last;
      last.place = place;
    }
  }
}

function isBusy({ _httpMessage: response }: ServerSocket): boolean {
  return response !== null && response !== undefined;
}

import type { Socket } from 'node:net';
import type { SocketOpener } from './open-socket.ts';
import { ReadSlab } from './read-slab.ts';

const KEEP_ALIVE_PROBE_MS = 60_000;

/** What a socket tells. */
export interface SocketEvents {
  /** It can be written to; with TLS, S3 has proved its name. */
  onReady(): void;
  /** @param segment - in the slab, and lent */
  onBytes(segment: Buffer): void;
  /** S3 closed its side, or the socket failed; may be told more than once. */
  onGone(error?: Error): void;
}

/** A socket that reads into memory of its own, again and again. */
export class SlabSocket {
  readonly slab = new ReadSlab();
  readonly #socket: Socket;
  #isReading = true;

  /** Opens one. */
  constructor(open: SocketOpener, ip: string, events: SocketEvents) {
    const onread = {
      buffer: () => (this.#isReading ? this.slab.room() : this.slab.roomWhileStopped()),
      callback: (length: number, room: Uint8Array) => {
        events.onBytes(this.slab.take(room, length));
        return true;
      },
    };
    this.#socket = open(ip, onread, () => events.onReady());
    this.#socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_PROBE_MS);
    this.#socket.on('error', (error) => events.onGone(error));
    this.#socket.on('end', () => events.onGone());
    this.#socket.on('close', () => events.onGone());
  }

  /** @param text - latin1 */
  write(text: string): void {
    this.#socket.write(text, 'latin1');
  }

  stopReading(): void {
    this.#isReading = false;
    this.#socket.pause();
  }

  goOnReading(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    this.#socket.resume();
  }

  /** Frees it at once. */
  destroy(): void {
    this.#socket.destroy();
  }
}

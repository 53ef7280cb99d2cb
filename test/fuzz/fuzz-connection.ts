import { connect, type Socket } from 'node:net';
import type { Received } from './check-answers.ts';
import type { Random } from './random.ts';

export interface PlayedReceived extends Received {
  /** How long it took to send all, or what could be sent. */
  readonly sendingMs: number;
}

/** How one connection is played. */
export interface PlayedConnection {
  readonly port: number;
  /** Sent one after the other, whatever comes back. */
  readonly pieces: readonly Buffer[];
  /** Asked at everything that comes: whether the client has what it came for. */
  readonly isSatisfied: (received: Buffer) => boolean;
  /** What a satisfied client does. */
  readonly leaving: 'fin' | 'destroy' | 'stay';
  /** Leaves after so many pieces, satisfied or not. */
  readonly leavesAfter: number | undefined;
  readonly deadlineMs: number;
}

/** Plays a connection to its end. @throws {Error} where neither what was waited for nor the end came in time */
export function playConnection(played: PlayedConnection): Promise<PlayedReceived> {
  return new Promise((resolve, reject) => {
    new FuzzClient(played, { resolve, reject });
  });
}

interface Settle {
  readonly resolve: (received: PlayedReceived) => void;
  readonly reject: (error: Error) => void;
}

class FuzzClient {
  readonly #played: PlayedConnection;
  readonly #settle: Settle;
  readonly #socket: Socket;
  readonly #timer: NodeJS.Timeout;
  #received: Buffer = Buffer.alloc(0);
  #closedBy: 'fin' | 'reset' | undefined;
  #startedAtMs = performance.now();
  /** Until all was sent, or nothing more could be. */
  #sendingMs: number | undefined;
  #isAllSent = false;
  #isLeaving = false;

  constructor(played: PlayedConnection, settle: Settle) {
    this.#played = played;
    this.#settle = settle;
    this.#timer = setTimeout(() => this.#onLate(), played.deadlineMs);
    this.#socket = connect({ host: '127.0.0.1', port: played.port, allowHalfOpen: true, noDelay: true });
    this.#socket.on('connect', () => {
      this.#startedAtMs = performance.now();
      this.#send(0);
    });
    this.#socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#leaveWhenSatisfied();
    });
    this.#socket.on('end', () => {
      this.#closedBy ??= 'fin';
      this.#socket.destroy();
    });
    this.#socket.on('error', () => (this.#closedBy = 'reset'));
    this.#socket.on('close', () => {
      clearTimeout(this.#timer);
      const sendingMs = this.#sendingMs ?? performance.now() - this.#startedAtMs;
      settle.resolve({ bytes: this.#received, closedBy: this.#closedBy, sendingMs });
    });
  }

  #send(index: number): void {
    if (this.#socket.destroyed || this.#isLeaving) return;
    if (index === this.#played.leavesAfter) {
      this.#socket.destroy();
      return;
    }
    const piece = this.#played.pieces[index];
    if (piece === undefined) {
      this.#isAllSent = true;
      this.#sendingMs = performance.now() - this.#startedAtMs;
      this.#leaveWhenSatisfied();
      return;
    }
    // Each piece is a packet of its own, unless the other side is slower than this.
    this.#socket.write(piece, () => setImmediate(() => this.#send(index + 1)));
  }

  #leaveWhenSatisfied(): void {
    if (this.#isLeaving || !this.#isAllSent || !this.#played.isSatisfied(this.#received)) return;
    this.#isLeaving = true;
    if (this.#played.leaving === 'fin') this.#socket.end();
    if (this.#played.leaving === 'destroy') this.#socket.destroy();
  }

  #onLate(): void {
    this.#socket.destroy();
    const tail = JSON.stringify(this.#received.subarray(-300).toString('latin1'));
    this.#settle.reject(
      new Error(`${this.#played.deadlineMs} ms brought neither an answer nor an end, but ${tail}`),
    );
  }
}

/** Cuts bytes into pieces: none, few, or one each, so that every state of a parser meets the end of a packet. */
export function cutIntoPieces(bytes: Buffer, random: Random): Buffer[] {
  const way = random.below(10);
  if (way < 5) return [bytes];
  if (way === 5 && bytes.length < 600) return Array.from(bytes, (byte) => Buffer.from([byte]));
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = 1 + random.below(Math.max(1, Math.floor(bytes.length / random.pick([1, 2, 8]))));
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}

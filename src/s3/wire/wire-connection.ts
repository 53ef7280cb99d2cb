import type { ResponseHead } from '../attempt.ts';
import type { ClientOptions } from '../client-options.ts';
import type { Address } from '../transport/address-book.ts';
import { type CoarseClock, TICK_MS } from '../transport/coarse-clock.ts';
import type { Dial } from '../transport/connector.ts';
import type { SocketOpener } from '../transport/open-socket.ts';
import { SlabSocket, type SocketEvents } from '../transport/slab-socket.ts';
import { WireError } from '../transport/wire-error.ts';
import { ResponseReader, type ResponseSink } from './response-reader.ts';
import type { WireAttempt } from './wire-attempt.ts';

/** S3 closes idle connections after about 5 s; a request on a connection that is being closed fails. */
const IDLE_CONNECTION_MS = 4000;

/** Whose the connections are. */
export interface ConnectionOwner {
  readonly options: ClientOptions;
  readonly clock: CoarseClock;
  readonly openSocket: SocketOpener;
  /** It waits for another request. */
  onIdle(connection: WireConnection): void;
  onClosed(connection: WireConnection): void;
  /** It was open, and lost before any byte of a response. */
  onUnanswered(connection: WireConnection, attempt: WireAttempt, error: Error): void;
}

/** One socket to S3, and the exchange on it. */
export class WireConnection implements ResponseSink, SocketEvents {
  /** Requests sent. */
  requests = 0;
  /** When it has waited or been idle for too long, in the clock's milliseconds; 0 while nobody waits. */
  deadlineMs: number;
  readonly #owner: ConnectionOwner;
  readonly #address: Address;
  /** Until it is open; it knows the first attempt, which must not stay with the connection. */
  #dial: Dial | undefined;
  readonly #socket: SlabSocket;
  readonly #reader = new ResponseReader(this);
  #attempt: WireAttempt | undefined;
  #hasHead = false;
  #isClosed = false;

  /** Opens one for an attempt. */
  constructor(owner: ConnectionOwner, dial: Dial, attempt: WireAttempt) {
    this.#owner = owner;
    this.#address = dial.address;
    this.#dial = dial;
    this.deadlineMs = dial.deadlineMs;
    this.#carry(attempt);
    this.#socket = new SlabSocket(owner.openSocket, this.#address.ip, this);
    this.#address.connections += 1;
  }

  send(attempt: WireAttempt): void {
    this.#carry(attempt);
    this.requests += 1;
    this.#hasHead = false;
    this.#reader.begin(attempt.request.method === 'HEAD');
    this.#wait(attempt.request.firstByteTimeoutMs ?? this.#owner.options.firstByteTimeoutMs);
    attempt.onSent(this.#socket.slab);
    this.#socket.write(attempt.text);
  }

  stopReading(): void {
    this.deadlineMs = 0;
    this.#socket.stopReading();
  }

  goOnReading(): void {
    this.#wait(this.#owner.options.bodyStallTimeoutMs);
    this.#socket.goOnReading();
  }

  /** Frees the socket at once. @param error - for the attempt, which else is told nothing */
  close(error?: Error): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#address.connections -= 1;
    this.#socket.destroy();
    this.#owner.onClosed(this);
    const attempt = this.#attempt;
    this.#attempt = undefined;
    if (error === undefined || attempt === undefined) return;
    if (this.#dial !== undefined) this.#dial.onRefused(error);
    else if (this.#reader.hasBegun) attempt.onFailed(error);
    else this.#owner.onUnanswered(this, attempt, error);
  }

  onTick(nowMs: number): void {
    if (this.deadlineMs === 0 || nowMs < this.deadlineMs) return;
    if (this.requests === 0) this.close(new WireError('WIRE_CONNECT_TIMEOUT', 'no connection in time'));
    else if (this.#attempt === undefined) this.close();
    else if (this.#hasHead) this.close(new WireError('WIRE_BODY_STALL', 'S3 stopped in the body'));
    else this.close(new WireError('WIRE_FIRST_BYTE_TIMEOUT', 'no response head in time'));
  }

  onReady(): void {
    this.#dial?.onOpen();
    this.#dial = undefined;
    if (this.#attempt !== undefined) this.send(this.#attempt);
  }

  onBytes(segment: Buffer): void {
    if (this.#attempt !== undefined) this.#reader.read(segment);
    // Nobody asked for them, and the next response could not be told from them.
    else this.close();
  }

  onGone(error?: Error): void {
    if (this.#isClosed) return;
    if (error === undefined && this.#attempt !== undefined && this.requests > 0) this.#reader.end();
    else this.close(error ?? new WireError('WIRE_EARLY_CLOSE', 'S3 closed the connection'));
  }

  onHead(head: ResponseHead): void {
    this.#hasHead = true;
    // Until the reader resumes, it is not S3 that is waited for.
    this.deadlineMs = 0;
    this.#attempt?.onHead(head);
  }

  onBody(chunk: Buffer): void {
    if (this.deadlineMs !== 0) this.#wait(this.#owner.options.bodyStallTimeoutMs);
    this.#socket.slab.lend();
    this.#attempt?.onBody(chunk);
  }

  onComplete(keepsAlive: boolean): void {
    if (this.#isClosed) return;
    const attempt = this.#attempt;
    this.#attempt = undefined;
    if (keepsAlive) {
      // A slow reader may have stopped it.
      this.goOnReading();
      this.#wait(IDLE_CONNECTION_MS);
      this.#owner.onIdle(this);
    } else this.close();
    attempt?.onComplete();
  }

  onBroken(error: WireError): void {
    this.close(error);
  }

  #carry(attempt: WireAttempt): void {
    this.#attempt = attempt;
    attempt.connection = this;
    attempt.address = this.#address.ip;
  }

  #wait(timeoutMs: number): void {
    this.deadlineMs = this.#owner.clock.nowMs + timeoutMs + TICK_MS;
  }
}

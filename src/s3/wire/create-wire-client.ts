import type { Attempt, AttemptClient, AttemptEvents, AttemptRequest, ConnectionCounts } from '../attempt.ts';
import type { ClientOptions } from '../client-options.ts';
import type { Endpoint } from '../resolve-endpoint.ts';
import { AddressBook } from '../transport/address-book.ts';
import { CoarseClock, TICK_MS } from '../transport/coarse-clock.ts';
import { createSocketOpener, type SocketOpener } from '../transport/open-socket.ts';
import { formatRequest } from './format-request.ts';
import { WireAttempt } from './wire-attempt.ts';
import { type ConnectionOwner, WireConnection } from './wire-connection.ts';
import { WireError } from './wire-error.ts';

/**
 * The fast client: HTTP/1.1 over Node's sockets for one endpoint, strict in what it takes for a response.
 * Its errors are Node's own and {@link WireError}s, to be told by their `code`.
 * @throws {Error} for a `ca` that is no PEM
 */
export function createWireClient(endpoint: Endpoint, options: ClientOptions): AttemptClient {
  return new WireClient(endpoint, options);
}

class WireClient implements AttemptClient, ConnectionOwner {
  readonly options: ClientOptions;
  readonly clock = new CoarseClock(() => this.#onTick());
  readonly openSocket: SocketOpener;
  readonly book: AddressBook;
  readonly idle: WireConnection[] = [];
  readonly #connections = new Set<WireConnection>();
  /** Attempts for which there is no room, the longest waiting first. While there are any, no connection is idle. */
  #waiting: WireAttempt[] = [];
  #hasStarted = false;
  /** Why nothing is started any more. */
  #closed: WireError | undefined;

  constructor(endpoint: Endpoint, options: ClientOptions) {
    this.options = options;
    this.openSocket = createSocketOpener(endpoint, options.ca);
    this.book = new AddressBook(endpoint.hostname, options.lookup);
  }

  start(request: AttemptRequest, events: AttemptEvents): Attempt {
    const attempt = new WireAttempt(request, events);
    try {
      if (this.#closed !== undefined) throw this.#closed;
      attempt.text = formatRequest(request);
    } catch (error) {
      process.nextTick(() => attempt.onFailed(error as Error));
      return attempt;
    }
    this.clock.wake();
    this.#hasStarted = true;
    const connection = request.connection === 'fresh' ? undefined : this.#takeIdle();
    if (connection === undefined) this.#connect(attempt);
    else connection.send(attempt);
    return attempt;
  }

  countConnections(): ConnectionCounts {
    const connecting = [...this.#connections].filter(({ requests }) => requests === 0).length;
    const open = this.#connections.size - connecting;
    const waiting = connecting + this.book.waitingCount + this.#waiting.length;
    return { open, busy: open - this.idle.length, waiting };
  }

  close(): Promise<void> {
    this.#closed = new WireError('WIRE_CLIENT_CLOSED', 'the client was closed');
    this.clock.stop();
    this.book.expire(Infinity);
    for (const attempt of this.#waiting.splice(0)) attempt.onFailed(this.#closed);
    for (const connection of this.#connections) connection.close(this.#closed);
    return Promise.resolve();
  }

  onClosed(connection: WireConnection): void {
    this.#connections.delete(connection);
    const index = this.idle.indexOf(connection);
    if (index !== -1) this.idle.splice(index, 1);
    const next = this.#takeWaiting();
    if (next === undefined) return;
    next.connectByMs = this.#connectBy();
    this.#tryNext(next);
  }

  onIdle(connection: WireConnection): void {
    const next = this.#takeWaiting();
    if (next === undefined) this.idle.push(connection);
    else if (next.request.connection !== 'fresh') connection.send(next);
    else {
      this.#waiting.unshift(next);
      connection.close();
    }
  }

  onUnanswered({ address, requests }: WireConnection, attempt: WireAttempt, error: Error): void {
    const { code } = error as NodeJS.ErrnoException;
    if (this.#closed !== undefined) attempt.onFailed(error);
    else if (requests === 0) {
      this.book.noteFailure(address, this.clock.nowMs);
      this.#tryNext(attempt, error);
    } else if (requests > 1 && code !== 'WIRE_FIRST_BYTE_TIMEOUT') {
      // S3 was closing it while the request was on its way; a new connection is not closed like that.
      this.#connect(attempt);
    } else attempt.onFailed(error);
  }

  /** The newest, so that the others can go. */
  #takeIdle(): WireConnection | undefined {
    for (;;) {
      const connection = this.idle.pop();
      if (connection === undefined || connection.deadlineMs > this.clock.nowMs) return connection;
      connection.close();
    }
  }

  #connect(attempt: WireAttempt): void {
    attempt.addressesTried = 0;
    attempt.connectByMs = this.#connectBy();
    this.book.resolve(this.clock.nowMs, attempt.connectByMs, (error) => {
      if (error === undefined) this.#tryNext(attempt);
      else attempt.onFailed(this.#closed ?? error);
    });
  }

  /** Takes one address after another; a silent one leaves half of the time to the others. */
  #tryNext(attempt: WireAttempt, lastError?: Error): void {
    if (attempt.isOver) return;
    const { nowMs } = this.clock;
    const leftMs = attempt.connectByMs - nowMs;
    const addressesLeft = this.book.size - attempt.addressesTried;
    if (lastError !== undefined && (addressesLeft <= 0 || leftMs <= 0)) {
      attempt.onFailed(lastError);
      return;
    }
    if (!this.#makeRoom()) {
      this.#waiting.push(attempt);
      return;
    }
    attempt.addressesTried += 1;
    const address = this.book.pick(nowMs, attempt.request.awayFrom);
    const deadlineMs = nowMs + (addressesLeft > 1 ? leftMs / 2 : leftMs);
    this.#connections.add(new WireConnection(this, address, attempt, deadlineMs));
  }

  #connectBy(): number {
    return this.clock.nowMs + this.options.connectTimeoutMs + TICK_MS;
  }

  /** @returns whether there may be one more connection */
  #makeRoom(): boolean {
    const { maxConnections = Infinity } = this.options;
    // A fresh one is asked for: the one that has been idle for longest makes room.
    if (this.#connections.size >= maxConnections) this.idle[0]?.close();
    return this.#connections.size < maxConnections;
  }

  #takeWaiting(): WireAttempt | undefined {
    for (;;) {
      const next = this.#waiting.shift();
      if (next?.isOver !== true) return next;
    }
  }

  /** Tells those who have waited for room for too long. */
  #expireWaiting(nowMs: number): void {
    if (this.#waiting.length === 0) return;
    const late = this.#waiting.filter(({ connectByMs }) => connectByMs <= nowMs);
    this.#waiting = this.#waiting.filter(({ connectByMs }) => connectByMs > nowMs);
    for (const attempt of late)
      attempt.onFailed(new WireError('WIRE_NO_CONNECTION', 'limits.max_connections were all in use'));
  }

  /** @returns in how many milliseconds there may be a deadline */
  #onTick(): number {
    const { nowMs } = this.clock;
    this.book.expire(nowMs);
    this.#expireWaiting(nowMs);
    for (const connection of this.#connections) connection.onTick(nowMs);
    const isBusy = this.#hasStarted || this.book.isWaiting || this.#connections.size > this.idle.length;
    this.#hasStarted = false;
    return isBusy ? TICK_MS : Math.max(0, (this.idle[0]?.deadlineMs ?? 0) - nowMs);
  }
}

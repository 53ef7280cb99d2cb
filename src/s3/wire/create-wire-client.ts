import type { Attempt, AttemptClient, AttemptEvents, AttemptRequest, ConnectionCounts } from '../attempt.ts';
import type { ClientOptions } from '../client-options.ts';
import type { Endpoint } from '../resolve-endpoint.ts';
import { AddressBook } from '../transport/address-book.ts';
import { CoarseClock, TICK_MS } from '../transport/coarse-clock.ts';
import { ConnectionPool } from '../transport/connection-pool.ts';
import { DeadlineQueue } from '../transport/deadline-queue.ts';
import { createSocketOpener, type SocketOpener } from '../transport/open-socket.ts';
import { WireError } from '../transport/wire-error.ts';
import { formatRequest } from './format-request.ts';
import { WireAttempt } from './wire-attempt.ts';
import { type ConnectionOwner, WireConnection } from './wire-connection.ts';

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
  readonly #pool: ConnectionPool<WireConnection>;
  /** Attempts for which there is no room. While there are any, no connection is idle. */
  readonly #waiting = new DeadlineQueue<WireAttempt>();
  #hasStarted = false;
  /** Why nothing is started any more. */
  #closed: WireError | undefined;

  constructor(endpoint: Endpoint, options: ClientOptions) {
    this.options = options;
    this.openSocket = createSocketOpener(endpoint, options.ca);
    this.book = new AddressBook(endpoint.hostname, options.lookup);
    this.#pool = new ConnectionPool(options.maxConnections);
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
    const connection = request.connection === 'fresh' ? undefined : this.#pool.takeIdle(this.clock.nowMs);
    if (connection === undefined) this.#connect(attempt);
    else connection.send(attempt);
    return attempt;
  }

  countConnections(): ConnectionCounts {
    const { open, busy, connecting } = this.#pool.count();
    return { open, busy, waiting: connecting + this.book.waitingCount + this.#waiting.size };
  }

  close(): Promise<void> {
    this.#closed = new WireError('WIRE_CLIENT_CLOSED', 'the client was closed');
    this.clock.stop();
    this.book.expire(Infinity);
    for (const attempt of this.#waiting.takeLate(Infinity)) attempt.onFailed(this.#closed);
    this.#pool.closeAll(this.#closed);
    return Promise.resolve();
  }

  onClosed(connection: WireConnection): void {
    this.#pool.remove(connection);
    const next = this.#nextWaiting();
    if (next === undefined) return;
    this.#waiting.shift();
    next.connectByMs = this.#connectBy();
    this.#tryNext(next);
  }

  onIdle(connection: WireConnection): void {
    const next = this.#nextWaiting();
    if (next === undefined) this.#pool.putIdle(connection);
    else if (next.request.connection === 'fresh') connection.close();
    else {
      this.#waiting.shift();
      connection.send(next);
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
    if (!this.#pool.makeRoom()) {
      this.#waiting.push(attempt, attempt.connectByMs);
      return;
    }
    attempt.addressesTried += 1;
    const address = this.book.pick(nowMs, attempt.request.awayFrom);
    const deadlineMs = nowMs + (addressesLeft > 1 ? leftMs / 2 : leftMs);
    this.#pool.add(new WireConnection(this, address, attempt, deadlineMs));
  }

  #connectBy(): number {
    return this.clock.nowMs + this.options.connectTimeoutMs + TICK_MS;
  }

  #nextWaiting(): WireAttempt | undefined {
    while (this.#waiting.first?.isOver === true) this.#waiting.shift();
    return this.#waiting.first;
  }

  /** @returns in how many milliseconds there may be a deadline */
  #onTick(): number {
    const { nowMs } = this.clock;
    this.book.expire(nowMs);
    for (const attempt of this.#waiting.takeLate(nowMs))
      attempt.onFailed(new WireError('WIRE_NO_CONNECTION', 'limits.max_connections were all in use'));
    this.#pool.onTick(nowMs);
    const isBusy = this.#hasStarted || this.book.waitingCount > 0 || this.#pool.isBusy;
    this.#hasStarted = false;
    return isBusy ? TICK_MS : Math.max(0, (this.#pool.firstDeadlineMs ?? 0) - nowMs);
  }
}

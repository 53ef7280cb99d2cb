import { AddressBook } from '../address-book.ts';
import type { Attempt, AttemptClient, AttemptEvents, AttemptRequest } from '../attempt.ts';
import type { ClientOptions } from '../client-options.ts';
import { CoarseClock, TICK_MS } from '../coarse-clock.ts';
import type { Endpoint } from '../resolve-endpoint.ts';
import { formatRequest } from './format-request.ts';
import { createSocketOpener, type SocketOpener } from './open-socket.ts';
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
  readonly #book: AddressBook;
  readonly #connections = new Set<WireConnection>();
  /** The longest idle first; the newest is taken, so that the others can go. */
  readonly #idle: WireConnection[] = [];
  /** Attempts that wait for the first addresses. */
  readonly #homeless = new Set<WireAttempt>();
  #hasStarted = false;
  #isClosed = false;

  constructor(endpoint: Endpoint, options: ClientOptions) {
    this.options = options;
    this.openSocket = createSocketOpener(endpoint, options.ca);
    this.#book = new AddressBook(endpoint.hostname, options.lookup);
  }

  start(request: AttemptRequest, events: AttemptEvents): Attempt {
    const attempt = new WireAttempt(request, events);
    try {
      if (this.#isClosed) throw clientClosed();
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

  close(): Promise<void> {
    this.#isClosed = true;
    this.clock.stop();
    for (const attempt of this.#homeless) attempt.onFailed(clientClosed());
    for (const connection of this.#connections) connection.close(clientClosed());
    return Promise.resolve();
  }

  onOpen({ address }: WireConnection): void {
    this.#book.noteSuccess(address);
  }

  onIdle(connection: WireConnection): void {
    this.#idle.push(connection);
  }

  onClosed(connection: WireConnection): void {
    this.#connections.delete(connection);
    const index = this.#idle.indexOf(connection);
    if (index !== -1) this.#idle.splice(index, 1);
  }

  onUnanswered({ address, requests }: WireConnection, attempt: WireAttempt, error: Error): void {
    if (this.#isClosed || attempt.isOver) {
      attempt.onFailed(error);
    } else if (requests === 0) {
      this.#book.noteFailure(address, this.clock.nowMs);
      this.#tryNext(attempt, error);
    } else if (requests > 1 && !attempt.isRepeated && !isTimeout(error)) {
      attempt.isRepeated = true;
      this.#connect(attempt);
    } else {
      attempt.onFailed(error);
    }
  }

  #takeIdle(): WireConnection | undefined {
    for (;;) {
      const connection = this.#idle.pop();
      if (connection === undefined || connection.deadlineMs > this.clock.nowMs) return connection;
      connection.close();
    }
  }

  #connect(attempt: WireAttempt): void {
    attempt.connectByMs = this.clock.nowMs + this.options.connectTimeoutMs + TICK_MS;
    this.#homeless.add(attempt);
    this.#book.resolve(this.clock.nowMs, (error) => {
      if (!this.#homeless.delete(attempt) || attempt.isOver) return;
      if (error === undefined) this.#tryNext(attempt, noAddress());
      else attempt.onFailed(error);
    });
  }
}

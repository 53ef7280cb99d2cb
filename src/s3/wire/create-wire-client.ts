import type { Attempt, AttemptClient, AttemptEvents, AttemptRequest, ConnectionCounts } from '../attempt.ts';
import type { ClientOptions } from '../client-options.ts';
import type { Endpoint } from '../resolve-endpoint.ts';
import { AddressBook } from '../transport/address-book.ts';
import { CoarseClock, TICK_MS } from '../transport/coarse-clock.ts';
import { ConnectionPool } from '../transport/connection-pool.ts';
import { Connector } from '../transport/connector.ts';
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
  readonly #pool: ConnectionPool<WireConnection>;
  readonly #connector: Connector<WireAttempt>;
  #hasStarted = false;
  /** Why nothing is started any more. */
  #closed: WireError | undefined;

  constructor(endpoint: Endpoint, options: ClientOptions) {
    this.options = options;
    this.openSocket = createSocketOpener(endpoint, options.ca);
    this.#pool = new ConnectionPool(options.maxConnections);
    this.#connector = new Connector<WireAttempt>({
      book: new AddressBook(endpoint.hostname, options.lookup),
      clock: this.clock,
      connectTimeoutMs: options.connectTimeoutMs,
      makeRoom: () => this.#pool.makeRoom(),
      open: (attempt, dial) => this.#pool.add(new WireConnection(this, dial, attempt)),
    });
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
    if (connection === undefined) this.#connector.connect(attempt);
    else connection.send(attempt);
    return attempt;
  }

  countConnections(): ConnectionCounts {
    const { open, busy, connecting } = this.#pool.count();
    return { open, busy, waiting: connecting + this.#connector.waitingCount };
  }

  close(): Promise<void> {
    this.#closed = new WireError('WIRE_CLIENT_CLOSED', 'the client was closed');
    this.clock.stop();
    this.#connector.close(this.#closed);
    this.#pool.closeAll(this.#closed);
    return Promise.resolve();
  }

  onClosed(connection: WireConnection): void {
    this.#pool.remove(connection);
    this.#connector.onRoom();
  }

  onIdle(connection: WireConnection): void {
    const next = this.#connector.firstWaiting();
    if (next === undefined) this.#pool.putIdle(connection);
    else if (next.request.connection === 'fresh') connection.close();
    else {
      this.#connector.removeFirst();
      connection.send(next);
    }
  }

  onUnanswered({ requests }: WireConnection, attempt: WireAttempt, error: Error): void {
    const { code } = error as NodeJS.ErrnoException;
    // S3 was closing it while the request was on its way; a new connection is not closed like that.
    if (requests > 1 && code !== 'WIRE_FIRST_BYTE_TIMEOUT') this.#connector.connect(attempt);
    else attempt.onFailed(error);
  }

  /** @returns in how many milliseconds there may be a deadline */
  #onTick(): number {
    const { nowMs } = this.clock;
    this.#connector.expire(nowMs);
    this.#pool.onTick(nowMs);
    const isBusy = this.#hasStarted || this.#connector.waitingCount > 0 || this.#pool.isBusy;
    this.#hasStarted = false;
    return isBusy ? TICK_MS : Math.max(0, (this.#pool.firstDeadlineMs ?? 0) - nowMs);
  }
}

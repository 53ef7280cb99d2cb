/** What a pool has to know of a connection. */
export interface Pooled {
  /** Requests sent; none until it is open. */
  readonly requests: number;
  /** When an idle one is given up, in the clock's milliseconds. */
  readonly deadlineMs: number;
  /** Looks at its deadline. */
  onTick(nowMs: number): void;
  /** Has it removed from the pool. */
  close(error?: Error): void;
}

/** The connections to one host, up to a limit. */
export class ConnectionPool<Connection extends Pooled> {
  readonly #most: number;
  readonly #all = new Set<Connection>();
  /** The one that was used last at the end. */
  readonly #idle: Connection[] = [];

  constructor(mostConnections = Infinity) {
    this.#most = mostConnections;
  }

  /** Whether there is one that is not idle. */
  get isBusy(): boolean {
    return this.#all.size > this.#idle.length;
  }

  /** When the first idle one is given up, in the clock's milliseconds; undefined where none is idle. */
  get firstDeadlineMs(): number | undefined {
    return this.#idle[0]?.deadlineMs;
  }

  count(): { open: number; busy: number; connecting: number } {
    const connecting = [...this.#all].filter(({ requests }) => requests === 0).length;
    const open = this.#all.size - connecting;
    return { open, busy: open - this.#idle.length, connecting };
  }

  add(connection: Connection): void {
    this.#all.add(connection);
  }

  remove(connection: Connection): void {
    this.#all.delete(connection);
    const index = this.#idle.indexOf(connection);
    if (index !== -1) this.#idle.splice(index, 1);
  }

  putIdle(connection: Connection): void {
    this.#idle.push(connection);
  }

  /** The newest, so that the others can go. */
  takeIdle(nowMs: number): Connection | undefined {
    for (;;) {
      const connection = this.#idle.pop();
      if (connection === undefined || connection.deadlineMs > nowMs) return connection;
      connection.close();
    }
  }

  /** Closes the one that has been idle for longest where that is needed. @returns whether there may be one more */
  makeRoom(): boolean {
    if (this.#all.size >= this.#most) this.#idle[0]?.close();
    return this.#all.size < this.#most;
  }

  onTick(nowMs: number): void {
    for (const connection of this.#all) connection.onTick(nowMs);
  }

  closeAll(error: Error): void {
    for (const connection of this.#all) connection.close(error);
  }
}

import type { Address, AddressBook } from './address-book.ts';
import { TICK_MS } from './coarse-clock.ts';
import { DeadlineQueue } from './deadline-queue.ts';
import { WireError } from './wire-error.ts';

/** Who is to have a connection. */
export interface Caller {
  /** It wants none any more. */
  readonly isOver: boolean;
  /** IP address that is taken only where there is no other. */
  readonly awayFrom: string | undefined;
  onFailed(error: Error): void;
}

/** One connection to be opened, and who asks how it went. */
export interface Dial {
  readonly address: Address;
  /** When it must be open, in the clock's milliseconds. */
  readonly deadlineMs: number;
  onOpen(): void;
  /** Nothing came of it: another address is tried, where there is one and time for it. */
  onRefused(error: Error): void;
}

/** What a connector works with. */
export interface ConnectorParts<Who extends Caller> {
  readonly book: AddressBook;
  readonly clock: { readonly nowMs: number };
  /** For all addresses together. */
  readonly connectTimeoutMs: number;
  /** @returns whether there may be one connection more */
  makeRoom(): boolean;
  open(who: Who, dial: Dial): void;
}

interface Search<Who> {
  readonly who: Who;
  /** When there must be a connection, in the clock's milliseconds. */
  byMs: number;
  addressesTried: number;
}

/** Finds new connections to one host: an address, then room, then one address after another until the time is up. */
export class Connector<Who extends Caller> {
  readonly #parts: ConnectorParts<Who>;
  /** Those for which there is no room. While there are any, no connection is idle. */
  readonly #waiting = new DeadlineQueue<Search<Who>>();
  /** Why nothing is opened any more. */
  #closed: Error | undefined;

  constructor(parts: ConnectorParts<Who>) {
    this.#parts = parts;
  }

  /** How many wait for an address or for room. */
  get waitingCount(): number {
    return this.#parts.book.waitingCount + this.#waiting.size;
  }

  /** Who has waited for room for longest. */
  firstWaiting(): Who | undefined {
    while (this.#waiting.first?.who.isOver === true) this.#waiting.shift();
    return this.#waiting.first?.who;
  }

  connect(who: Who): void {
    if (this.#closed !== undefined) {
      who.onFailed(this.#closed);
      return;
    }
    const { book, clock } = this.#parts;
    const search = { who, byMs: this.#newDeadlineMs(), addressesTried: 0 };
    book.resolve(clock.nowMs, search.byMs, (error) => {
      if (error === undefined) this.#dialNext(search);
      else who.onFailed(this.#closed ?? error);
    });
  }

  /** A connection is gone: whoever has waited for longest opens another, with all of its time. */
  onRoom(): void {
    if (this.firstWaiting() === undefined) return;
    const search = this.#waiting.shift() as Search<Who>;
    search.byMs = this.#newDeadlineMs();
    this.#dialNext(search);
  }

  /** Whoever waited first has got a connection that became idle. */
  removeFirst(): void {
    this.#waiting.shift();
  }

  /** Tells those who have waited for too long. */
  expire(nowMs: number): void {
    this.#parts.book.expire(nowMs);
    for (const { who } of this.#waiting.takeLate(nowMs))
      who.onFailed(
        this.#closed ?? new WireError('WIRE_NO_CONNECTION', 'limits.max_connections were all in use'),
      );
  }

  /** Opens nothing any more. @param error - for those who wait */
  close(error: Error): void {
    this.#closed = error;
    this.expire(Infinity);
  }

  /** A silent address leaves half of the time to the others. */
  #dialNext(search: Search<Who>, lastError?: Error): void {
    const { book, clock } = this.#parts;
    const { who } = search;
    if (who.isOver) return;
    const leftMs = search.byMs - clock.nowMs;
    const addressesLeft = book.size - search.addressesTried;
    if (lastError !== undefined && (this.#closed !== undefined || addressesLeft <= 0 || leftMs <= 0)) {
      who.onFailed(lastError);
      return;
    }
    if (!this.#parts.makeRoom()) {
      this.#waiting.push(search, search.byMs);
      return;
    }
    search.addressesTried += 1;
    const address = book.pick(clock.nowMs, who.awayFrom);
    this.#parts.open(who, {
      address,
      deadlineMs: clock.nowMs + (addressesLeft > 1 ? leftMs / 2 : leftMs),
      onOpen: () => book.noteSuccess(address),
      onRefused: (error) => {
        book.noteFailure(address, clock.nowMs);
        this.#dialNext(search, error);
      },
    });
  }

  #newDeadlineMs(): number {
    return this.#parts.clock.nowMs + this.#parts.connectTimeoutMs + TICK_MS;
  }
}

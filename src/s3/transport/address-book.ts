import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { DeadlineQueue } from './deadline-queue.ts';
import { WireError } from './wire-error.ts';

/** S3's answers live a few seconds and name up to eight of very many addresses. */
const FRESH_MS = 5000;
/** After a lookup that failed. */
const LOOKUP_PAUSE_MS = 1000;
const FIRST_REST_MS = 10_000;
const LONGEST_REST_MS = 60_000;

/** One address of S3 and what is known of it. */
export interface Address {
  readonly ip: string;
  connections: number;
  /** Since a connection to it opened last. */
  failures: number;
  /** Until then the others are asked first, in the clock's milliseconds. */
  restsUntilMs: number;
  /** Number of the pick that took it last. */
  pickedAt: number;
}

type WhenKnown = (error: Error | undefined) => void;

/** The addresses of one host: all that DNS names are used in turn, failing ones are left alone for a while. */
export class AddressBook {
  readonly #hostname: string;
  readonly #lookup: LookupFunction;
  /** Also those that DNS does not name any more, for as long as there is something to remember. */
  readonly #known = new Map<string, Address>();
  #named: Address[] = [];
  #staleAtMs = 0;
  #picks = 0;
  /** For the first addresses. */
  readonly #waiting = new DeadlineQueue<WhenKnown>();
  #isLookingUp = false;

  constructor(hostname: string, lookup: LookupFunction = systemLookup) {
    this.#hostname = hostname;
    this.#lookup = lookup;
    if (isIP(hostname) !== 0) this.#name([hostname], Infinity);
  }

  /** How many addresses DNS names. */
  get size(): number {
    return this.#named.length;
  }

  /** How many wait for the first addresses. */
  get waitingCount(): number {
    return this.#waiting.size;
  }

  /**
   * Calls back at once if any address is known, and renews old ones behind the scenes; else later, when there are some
   * or the time is up. All times are the clock's.
   */
  resolve(nowMs: number, untilMs: number, whenKnown: WhenKnown): void {
    const isKnown = this.size > 0;
    if (!isKnown) this.#waiting.push(whenKnown, untilMs);
    if ((!isKnown || nowMs >= this.#staleAtMs) && !this.#isLookingUp) {
      this.#isLookingUp = true;
      process.nextTick(() => this.#lookUp(nowMs));
    }
    if (isKnown) whenKnown(undefined);
  }

  /** Tells those who have waited for too long. */
  expire(nowMs: number): void {
    for (const whenKnown of this.#waiting.takeLate(nowMs))
      whenKnown(new WireError('WIRE_CONNECT_TIMEOUT', 'no address in time'));
  }

  /** The next to connect to; some must be known. @param awayFrom - taken only where there is no other */
  pick(nowMs: number, awayFrom: string | undefined): Address {
    const [best] = this.#named.toSorted(
      (a, b) =>
        Math.max(a.restsUntilMs, nowMs) - Math.max(b.restsUntilMs, nowMs) ||
        Number(a.ip === awayFrom) - Number(b.ip === awayFrom) ||
        a.connections - b.connections ||
        a.pickedAt - b.pickedAt,
    );
    if (best === undefined) throw new WireError('WIRE_NO_ADDRESS', 'no address is known yet');
    best.pickedAt = this.#picks += 1;
    return best;
  }

  noteSuccess(address: Address): void {
    address.failures = 0;
    address.restsUntilMs = 0;
  }

  noteFailure(address: Address, nowMs: number): void {
    address.restsUntilMs = nowMs + Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** address.failures);
    address.failures += 1;
  }

  #lookUp(nowMs: number): void {
    this.#lookup(this.#hostname, { all: true, order: 'verbatim' }, (error, answer) => {
      this.#isLookingUp = false;
      this.#staleAtMs = nowMs + LOOKUP_PAUSE_MS;
      const ips = Array.isArray(answer) ? answer.map(({ address }) => address) : [answer];
      if (error === null) this.#name(ips, nowMs);
      const failure = error ?? new WireError('WIRE_NO_ADDRESS', `no address for ${this.#hostname}`);
      for (const whenKnown of this.#waiting.takeLate(Infinity))
        whenKnown(this.size > 0 ? undefined : failure);
    });
  }

  #name(ips: readonly string[], nowMs: number): void {
    const usable = [...new Set(ips)].filter((ip) => isIP(ip) !== 0);
    if (usable.length === 0) return;
    this.#named = usable.map((ip) => {
      const known = this.#known.get(ip);
      return known ?? { ip, connections: 0, failures: 0, restsUntilMs: 0, pickedAt: 0 };
    });
    for (const [ip, { connections, restsUntilMs }] of this.#known) {
      if (connections === 0 && restsUntilMs <= nowMs) this.#known.delete(ip);
    }
    for (const address of this.#named) this.#known.set(address.ip, address);
    this.#staleAtMs = nowMs + FRESH_MS;
  }
}

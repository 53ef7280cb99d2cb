import { lookup as systemLookup } from 'node:dns';
import { isIP } from 'node:net';

const FRESH_MS = 60_000;
const LONGEST_WAIT_MS = 1000;

type Lookup = (host: string, done: (error: Error | null, ip: string) => void) => void;

/**
 * The address of a host by its name. One lookup at a time, as each takes one of the few threads that S3's lookups and the
 * log's files need too, and a dead name server can hold it for half a minute.
 */
export class HostAddress {
  readonly #host: string;
  readonly #lookup: Lookup;
  readonly #onError: (error: Error) => void;
  #ip: string | undefined;
  #freshUntilMs = -Infinity;
  #lookingUp: Promise<void> | undefined;

  constructor(host: string, onError: (error: Error) => void, lookup: Lookup = systemLookup) {
    this.#host = host;
    this.#lookup = lookup;
    this.#onError = onError;
    if (isIP(host) === 0) return;
    this.#ip = host;
    this.#freshUntilMs = Infinity;
  }

  /** @returns after a second at the latest; the last one known, where there is no newer. Never rejects. */
  async find(): Promise<string | undefined> {
    if (performance.now() < this.#freshUntilMs) return this.#ip;
    this.#lookingUp ??= this.#lookUp();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LONGEST_WAIT_MS);
    });
    await Promise.race([this.#lookingUp, late]);
    clearTimeout(timer);
    return this.#ip;
  }

  #lookUp(): Promise<void> {
    return new Promise((resolve) => {
      this.#lookup(this.#host, (error, ip) => {
        this.#lookingUp = undefined;
        if (error === null) {
          this.#ip = ip;
          this.#freshUntilMs = performance.now() + FRESH_MS;
        } else this.#onError(error);
        resolve();
      });
    });
  }
}

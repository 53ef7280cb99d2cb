import type { FakeS3 } from '../servers/fake-s3.ts';
import { virtualBytes } from '../servers/fake-s3-virtual-bytes.ts';
import { Connection } from '../support/connection.ts';

const OBJECT_BYTES = 1_000_000;
const RANGE_BYTES = 20_000;
const PAUSE_MS = 5;

/** A client that asks well-formed questions all the time, on one connection, and knows the answers. */
export class Witness {
  readonly timesMs: number[] = [];
  readonly #connection: Connection;
  readonly #key: string;
  readonly #base: number;
  #isOver = false;
  readonly #asking: Promise<void>;

  /** @param base - offset of the object's bytes among those of `virtualBytes` */
  constructor({ s3, port, prefix, base }: { s3: FakeS3; port: number; prefix: string; base: number }) {
    this.#key = `witness-${base}`;
    this.#base = base;
    const fill = (offset: number, length: number): Buffer => virtualBytes(base + offset, length);
    s3.put(prefix + this.#key, { size: OBJECT_BYTES, fill });
    this.#connection = new Connection(port);
    this.#asking = this.#ask();
    // Told by `end`, which comes later.
    this.#asking.catch(() => undefined);
  }

  /** @throws {Error} where any answer was not as it must be */
  async end(): Promise<void> {
    this.#isOver = true;
    await this.#asking;
    this.#connection.destroy();
  }

  /** @param share - 0.99 for the 99th percentile */
  percentileMs(share: number): number {
    const sorted = this.timesMs.toSorted((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
  }

  async #ask(): Promise<void> {
    while (!this.#isOver) {
      const first = Math.floor(Math.random() * (OBJECT_BYTES - RANGE_BYTES));
      const last = first + RANGE_BYTES - 1;
      const startedAtMs = performance.now();
      this.#connection.get(`/${this.#key}`, `Range: bytes=${first}-${last}`);
      const response = await this.#connection.readResponse();
      const { status, body } = response;
      const range = response.header('content-range');
      this.timesMs.push(performance.now() - startedAtMs);
      const isRight = status === 206 && range === `bytes ${first}-${last}/${OBJECT_BYTES}`;
      if (!isRight || !body.equals(virtualBytes(this.#base + first, RANGE_BYTES)))
        throw new Error(`the witness asked for ${first}-${last} and got ${status} ${range ?? ''}`);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}

/** Takes finished lines, in UTF-8 and to keep; one call, one write. */
export interface LineDestination {
  write(lines: Buffer): void;
}

export interface LineBatchOptions {
  /** A batch never holds more, unless a single line does. */
  readonly mostBytes: number;
  /** A line waits no longer than that. */
  readonly delayMs: number;
}

/** Of a character of a JavaScript string, in UTF-8. */
const MOST_BYTES_PER_CHARACTER = 3;

/**
 * Gathers lines and hands them on many at a time: a write for each line costs a request more than its signature does, and
 * a long string that grows line by line is no cheaper.
 */
export class LineBatch {
  readonly #destination: LineDestination;
  readonly #mostBytes: number;
  readonly #delayMs: number;
  #memory: Buffer;
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #isTimed = false;

  constructor(destination: LineDestination, { mostBytes, delayMs }: LineBatchOptions) {
    this.#destination = destination;
    this.#mostBytes = mostBytes;
    this.#delayMs = delayMs;
    this.#memory = Buffer.allocUnsafeSlow(mostBytes);
  }

  add(line: string): void {
    const roomBytes = line.length * MOST_BYTES_PER_CHARACTER;
    if (roomBytes > this.#mostBytes - this.#bytes) this.flush();
    if (roomBytes > this.#mostBytes) {
      this.#destination.write(Buffer.from(line));
      return;
    }
    this.#bytes += this.#memory.write(line, this.#bytes);
    if (this.#isTimed) return;
    this.#isTimed = true;
    if (this.#timer === undefined) this.#timer = setTimeout(() => this.#onTimer(), this.#delayMs).unref();
    else this.#timer.refresh();
  }

  /** Hands on what there is. */
  flush(): void {
    if (this.#bytes === 0) return;
    const lines = this.#memory.subarray(0, this.#bytes);
    this.#bytes = 0;
    // What waits for a slow reader holds no more memory than twice its lines, and a few lines cost no new memory.
    if (lines.length < this.#mostBytes / 2) {
      this.#destination.write(Buffer.from(lines));
      return;
    }
    this.#memory = Buffer.allocUnsafeSlow(this.#mostBytes);
    this.#destination.write(lines);
  }

  #onTimer(): void {
    this.#isTimed = false;
    this.flush();
  }
}

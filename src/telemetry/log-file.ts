import { fstatSync, open, openSync, stat, type Stats } from 'node:fs';
import { LineWriter } from './line-writer.ts';

/** Keys of a bucket are in it. */
const MODE = 0o640;
const CHECK_INTERVAL_MS = 1000;
const LARGEST_WRITE_BYTES = 1024 * 1024;

/**
 * Appends to a file. When the file is renamed or removed, as logrotate does, the next one of that name is begun within
 * CHECK_INTERVAL_MS.
 */
export class LogFile extends LineWriter {
  readonly #path: string;
  readonly #timer: NodeJS.Timeout;
  #isMissing = false;
  #isClosed = false;

  /** @throws Node's error where the file cannot be opened */
  constructor(path: string) {
    super(openSync(path, 'a', MODE), { name: path, largestWriteBytes: LARGEST_WRITE_BYTES });
    this.#path = path;
    this.#timer = setInterval(() => this.#check(), CHECK_INTERVAL_MS).unref();
  }

  override close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
    super.close();
  }

  #check(): void {
    stat(this.#path, (error, found) => {
      // Its descriptor may be another file's by now.
      if (this.#isClosed) return;
      if (error === null ? this.#isOpen(found) : error.code !== 'ENOENT') return;
      open(this.#path, 'a', MODE, (failure, descriptor) => {
        if (failure === null) this.moveTo(descriptor);
        else if (!this.#isMissing) this.warn(failure);
        this.#isMissing = failure !== null;
      });
    });
  }

  #isOpen({ dev, ino }: Stats): boolean {
    const open = fstatSync(this.descriptor);
    return open.dev === dev && open.ino === ino;
  }
}

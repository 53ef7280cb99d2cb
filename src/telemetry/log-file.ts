import { appendFile, appendFileSync, close, fstatSync, open, openSync, stat, type Stats } from 'node:fs';
import type { LineDestination } from './line-batch.ts';

/** Keys of a bucket are in it. */
const MODE = 0o640;
const CHECK_INTERVAL_MS = 1000;
/** Beyond it the disk has stopped, and lines are lost rather than memory. */
const MOST_WAITING_BYTES = 16 * 1024 * 1024;

/**
 * Appends to a file, one write at a time and never on the event loop. When the file is renamed or removed, as logrotate
 * does, the next one of that name is begun within CHECK_INTERVAL_MS. What cannot be written is dropped, with a warning on
 * standard error.
 */
export class LogFile implements LineDestination {
  readonly #path: string;
  readonly #timer: NodeJS.Timeout;
  #descriptor: number;
  /** Opened in its place; taken once the write that is under way has ended. */
  #nextDescriptor: number | undefined;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #isWriting = false;
  #isFailing = false;

  /** @throws Node's error where the file cannot be opened */
  constructor(path: string) {
    this.#path = path;
    this.#descriptor = openSync(path, 'a', MODE);
    this.#timer = setInterval(() => this.#check(), CHECK_INTERVAL_MS).unref();
  }

  write(lines: Buffer): void {
    if (this.#waitingBytes > MOST_WAITING_BYTES) return;
    this.#waiting.push(lines);
    this.#waitingBytes += lines.length;
    if (!this.#isWriting) this.#writeWaiting();
  }

  /** Writes what waits, at once; for the end of the process. */
  flushSync(): void {
    try {
      appendFileSync(this.#descriptor, this.#takeWaiting());
    } catch (error) {
      this.#report(error as NodeJS.ErrnoException);
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.flushSync();
    this.#closeQuietly(this.#descriptor);
  }

  #takeWaiting(): Buffer {
    const lines = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#waitingBytes = 0;
    return lines;
  }

  #writeWaiting(): void {
    this.#isWriting = true;
    appendFile(this.#descriptor, this.#takeWaiting(), (error) => {
      this.#isWriting = false;
      if (error !== null) this.#report(error);
      else this.#isFailing = false;
      this.#takeNextDescriptor();
      if (this.#waiting.length > 0) this.#writeWaiting();
    });
  }

  #check(): void {
    stat(this.#path, (error, found) => {
      if (error === null ? this.#isOpen(found) : error.code !== 'ENOENT') return;
      open(this.#path, 'a', MODE, (failure, descriptor) => {
        if (failure !== null) {
          this.#report(failure);
          return;
        }
        this.#closeQuietly(this.#nextDescriptor);
        this.#nextDescriptor = descriptor;
        if (!this.#isWriting) this.#takeNextDescriptor();
      });
    });
  }

  #isOpen({ dev, ino }: Stats): boolean {
    const open = fstatSync(this.#descriptor);
    return open.dev === dev && open.ino === ino;
  }

  #takeNextDescriptor(): void {
    if (this.#nextDescriptor === undefined) return;
    this.#closeQuietly(this.#descriptor);
    this.#descriptor = this.#nextDescriptor;
    this.#nextDescriptor = undefined;
  }

  #closeQuietly(descriptor: number | undefined): void {
    if (descriptor !== undefined) close(descriptor, () => undefined);
  }

  /** Once an outage: the log itself is no place to tell. */
  #report({ message }: NodeJS.ErrnoException): void {
    if (!this.#isFailing) process.emitWarning(`the log ${this.#path} cannot be written: ${message}`);
    this.#isFailing = true;
  }
}

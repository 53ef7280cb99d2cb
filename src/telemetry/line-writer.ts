import { close, write, writeSync } from 'node:fs';
import type { LineDestination } from './line-batch.ts';

export interface LineWriterOptions {
  /** Of the destination, for a warning. */
  readonly name: string;
  /** One write holds no more than that, unless a single piece does. */
  readonly largestWriteBytes: number;
}

/** Beyond it the disk or the log's reader has stopped, and lines are lost rather than memory. */
const MOST_WAITING_BYTES = 16 * 1024 * 1024;
/** Until a full pipe is tried again. */
const RETRY_MS = 20;
/** For what waits, where a process ends without warning. */
const SYNC_DEADLINE_MS = 200;

/**
 * Writes pieces to a descriptor, in order, one write at a time and never on the event loop. What cannot be written is
 * dropped, with one warning an outage on standard error: the log itself is no place to tell.
 */
export class LineWriter implements LineDestination {
  readonly #options: LineWriterOptions;
  #descriptor: number;
  /** Taken once the write that is under way has ended. */
  #nextDescriptor: number | undefined;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  /** What is being written, or is tried again soon. */
  #current: Buffer | undefined;
  #isUnderWay = false;
  #isFailing = false;
  #onWritten: (() => void) | undefined;

  constructor(descriptor: number, options: LineWriterOptions) {
    this.#descriptor = descriptor;
    this.#options = options;
  }

  get descriptor(): number {
    return this.#descriptor;
  }

  write(lines: Buffer): void {
    if (this.#waitingBytes > MOST_WAITING_BYTES) return;
    this.#waiting.push(lines);
    this.#waitingBytes += lines.length;
    if (this.#current === undefined) this.#writeNext();
  }

  /** Goes on with another descriptor; closes the one before. */
  moveTo(descriptor: number): void {
    closeQuietly(this.#nextDescriptor);
    this.#nextDescriptor = descriptor;
    if (this.#current === undefined) this.#takeNextDescriptor();
  }

  /** @returns once all is written, or the time is over */
  async end(deadlineMs: number): Promise<void> {
    if (this.#current === undefined) return;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => resolve(undefined), deadlineMs);
    this.#onWritten = () => resolve(undefined);
    await promise;
    clearTimeout(timer);
  }

  /** Writes what waits at once, as far as it is taken; for the end of the process. What is under way ends by itself. */
  flushSync(): void {
    const pieces = this.#isUnderWay || this.#current === undefined ? [] : [this.#current];
    while (this.#waiting.length > 0) pieces.push(this.#takeWaiting());
    const deadlineMs = performance.now() + SYNC_DEADLINE_MS;
    try {
      for (const piece of pieces) this.#writeSync(piece, deadlineMs);
    } catch (error) {
      this.#report(error as NodeJS.ErrnoException);
    }
  }

  /** Writes what waits, and closes the descriptor. */
  close(): void {
    this.flushSync();
    closeQuietly(this.#descriptor);
  }

  #writeNext(): void {
    this.#current = this.#takeWaiting();
    this.#writeCurrent(this.#current);
  }

  #writeCurrent(piece: Buffer): void {
    this.#isUnderWay = true;
    write(this.#descriptor, piece, (error, written) => {
      this.#isUnderWay = false;
      if (isFull(error)) setTimeout(() => this.#writeCurrent(piece), RETRY_MS).unref();
      else if (error === null && written < piece.length) this.#goOnWith(piece.subarray(written));
      else this.#onEnded(error);
    });
  }

  #goOnWith(rest: Buffer): void {
    this.#current = rest;
    this.#writeCurrent(rest);
  }

  #onEnded(error: NodeJS.ErrnoException | null): void {
    if (error === null) this.#isFailing = false;
    else this.#report(error);
    this.#current = undefined;
    this.#takeNextDescriptor();
    if (this.#waiting.length > 0) this.#writeNext();
    else this.#onWritten?.();
  }

  /** As many pieces as one write holds, and one at least. */
  #takeWaiting(): Buffer {
    let count = 0;
    let bytes = 0;
    for (const { length } of this.#waiting) {
      if (count > 0 && bytes + length > this.#options.largestWriteBytes) break;
      count += 1;
      bytes += length;
    }
    const pieces = this.#waiting.splice(0, count);
    this.#waitingBytes -= bytes;
    const [first, ...others] = pieces;
    return first !== undefined && others.length === 0 ? first : Buffer.concat(pieces);
  }

  #writeSync(piece: Buffer, deadlineMs: number): void {
    let rest = piece;
    while (rest.length > 0) {
      try {
        rest = rest.subarray(writeSync(this.#descriptor, rest));
      } catch (error) {
        if (!isFull(error as NodeJS.ErrnoException) || performance.now() > deadlineMs) throw error;
        sleep(RETRY_MS);
      }
    }
  }

  #takeNextDescriptor(): void {
    if (this.#nextDescriptor === undefined) return;
    closeQuietly(this.#descriptor);
    this.#descriptor = this.#nextDescriptor;
    this.#nextDescriptor = undefined;
  }

  #report(error: NodeJS.ErrnoException): void {
    if (!this.#isFailing) this.warn(error);
    this.#isFailing = true;
  }

  protected warn({ message }: NodeJS.ErrnoException): void {
    process.emitWarning(`the log ${this.#options.name} cannot be written: ${message}`);
  }
}

/** A pipe that has no room, and does not wait for it. */
function isFull(error: NodeJS.ErrnoException | null): boolean {
  return error?.code === 'EAGAIN';
}

function closeQuietly(descriptor: number | undefined): void {
  if (descriptor !== undefined) close(descriptor, () => undefined);
}

function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

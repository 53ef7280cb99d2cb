import type { ServerResponse } from 'node:http';
import { ProxyFailure } from '../failures.ts';
import type { BodySink, S3Response } from '../s3/exchange.ts';

/** What fits libuv's stack when a string is written. */
const LARGEST_STRING_BYTES = 8 * 1024;

/** Counts what was handed to the client's socket, as it goes. */
export interface ByteCount {
  bytes: number;
}

export interface RelayOptions {
  /** Bytes of the body; undefined where S3's chunks say the end. */
  readonly promised: number | undefined;
  readonly count: ByteCount;
  /** How long the client may leave what it was sent unread. */
  readonly stallTimeoutMs: number;
  /** Called once, before the first byte or the good end: a body that fails before still gets a status of its own. */
  readonly writeHead: () => void;
}

/**
 * Streams S3's body into a response, and ends it only if every promised byte came.
 * The slower side sets the pace: S3 is paused while the client's socket is full, so one stream holds a few chunks.
 * @throws {ProxyFailure} `body_cut`, `body_stall`, `client_gone`: where the head is out the caller must cut the connection.
 */
export function relayBody(s3: S3Response, response: ServerResponse, options: RelayOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    s3.readBody(new Relay({ ...options, s3, response, resolve, reject }));
  });
}

interface RelayParts extends RelayOptions {
  readonly s3: S3Response;
  readonly response: ServerResponse;
  readonly resolve: () => void;
  readonly reject: (failure: ProxyFailure) => void;
}

class Relay implements BodySink {
  readonly #parts: RelayParts;
  /** The last chunk waits for the end, which comes in the same breath: without it no client gets all that was promised. */
  #last: Buffer | undefined;
  /** Runs while the client's socket is full; made at the first time that it is. */
  #stallTimer: NodeJS.Timeout | undefined;

  constructor(parts: RelayParts) {
    this.#parts = parts;
  }

  onData(chunk: Buffer): void {
    const { s3, response, promised, count, writeHead } = this.#parts;
    count.bytes += chunk.length;
    if (promised !== undefined && count.bytes > promised) {
      s3.discard();
      this.onError(new ProxyFailure('body_cut', { cause: new Error('more bytes than promised') }));
      return;
    }
    if (count.bytes === promised) {
      this.#last = chunk;
      return;
    }
    if (!response.headersSent) writeHead();
    // Out of its cork the write reaches the kernel at once, and what the kernel has taken needs its memory no more.
    const { socket } = response;
    socket?.cork();
    response.write(chunk);
    socket?.uncork();
    if (response.writableLength === 0) s3.freeChunks();
    else if (response.writableNeedDrain) this.#waitForClient();
  }

  #waitForClient(): void {
    const { s3, response, stallTimeoutMs, reject } = this.#parts;
    s3.pause();
    if (this.#stallTimer === undefined) {
      response.on('drain', () => {
        clearTimeout(this.#stallTimer);
        if (response.writableLength === 0) s3.freeChunks();
        s3.resume();
      });
      response.once('close', () => clearTimeout(this.#stallTimer));
    }
    clearTimeout(this.#stallTimer);
    this.#stallTimer = setTimeout(() => {
      s3.discard();
      reject(new ProxyFailure('client_stall'));
    }, stallTimeoutMs);
  }

  onEnd(): void {
    const { s3, response, promised, count, stallTimeoutMs, writeHead, resolve, reject } = this.#parts;
    if (promised !== undefined && count.bytes !== promised) {
      reject(new ProxyFailure('body_cut', { cause: new Error('fewer bytes than promised') }));
      return;
    }
    if (!response.headersSent) writeHead();
    endWith(response, this.#last);
    if (response.writableLength === 0) s3.freeChunks();
    else this.#endWithin(stallTimeoutMs);
    resolve();
  }

  /** Nobody waits for what is still to be read, so a client that does not read it is simply cut. */
  #endWithin(stallTimeoutMs: number): void {
    const { response } = this.#parts;
    clearTimeout(this.#stallTimer);
    const timer = setTimeout(() => response.destroy(), stallTimeoutMs);
    response.once('close', () => clearTimeout(timer));
  }

  onError(failure: ProxyFailure): void {
    this.#parts.reject(failure);
  }
}

/** A small body as a string goes out in one piece with the head, which is cheaper than the two pieces of a vector. */
function endWith(response: ServerResponse, last: Buffer | undefined): void {
  if (last !== undefined && last.length <= LARGEST_STRING_BYTES)
    response.end(last.toString('latin1'), 'latin1');
  else response.end(last);
}

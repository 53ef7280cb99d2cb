import type { ResponseHead } from '../attempt.ts';
import { WireError } from '../transport/wire-error.ts';
import { ChunkDecoder } from './chunk-decoder.ts';
import { CHUNKED, parseHead, UNTIL_CLOSE } from './parse-head.ts';

/** S3's heads are under 2 KiB; one that grows past this is not S3's. */
const LARGEST_HEAD_BYTES = 64 * 1024;
const MOST_INTERIM_RESPONSES = 8;
/** In place of the bytes that are left of a body. */
const IN_HEAD = -3;
const OVER = -4;

/** What a response is taken apart into, in this order; one of the last two ends it. */
export interface ResponseSink {
  onHead(head: ResponseHead): void;
  /** Never empty. */
  onBody(chunk: Buffer): void;
  /** @param keepsAlive - whether another request may follow on the connection */
  onComplete(keepsAlive: boolean): void;
  onBroken(error: WireError): void;
}

/**
 * Takes responses apart, one after another, however the segments fall. What it is not sure of breaks the response; once
 * a length is known the segments pass as they are.
 */
export class ResponseReader {
  /** Whether any byte of the response has come. */
  hasBegun = false;
  readonly #sink: ResponseSink;
  #isAnswerToHead = false;
  #keepsAlive = false;
  #interimResponses = 0;
  /** Bytes left of the body, or what is read in place of such. */
  #left = OVER;
  #partialHead: Buffer | undefined;
  #chunks: ChunkDecoder | undefined;

  constructor(sink: ResponseSink) {
    this.#sink = sink;
  }

  /** Before each response. */
  begin(isAnswerToHead: boolean): void {
    this.hasBegun = false;
    this.#isAnswerToHead = isAnswerToHead;
    this.#interimResponses = 0;
    this.#left = IN_HEAD;
  }

  /** @param segment - not empty, and nobody's to change afterwards */
  read(segment: Buffer): void {
    this.hasBegun = true;
    try {
      if (this.#left === IN_HEAD) this.#readHead(segment);
      else this.#readBody(segment);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#left = OVER;
      this.#sink.onBroken(error);
    }
  }

  /** S3 will send no more. */
  end(): void {
    if (this.#left === UNTIL_CLOSE) this.#complete(false);
    else this.#sink.onBroken(new WireError('WIRE_EARLY_CLOSE', 'S3 closed the connection in its response'));
  }

  #readHead(segment: Buffer): void {
    const bytes = this.#partialHead === undefined ? segment : Buffer.concat([this.#partialHead, segment]);
    const end = bytes.indexOf('\r\n\r\n', Math.max(0, bytes.length - segment.length - 3), 'latin1');
    this.#partialHead = end === -1 ? bytes : undefined;
    if ((end === -1 ? bytes.length : end) > LARGEST_HEAD_BYTES)
      throw new WireError('WIRE_HEAD_TOO_LARGE', `a head over ${LARGEST_HEAD_BYTES} bytes`);
    if (end !== -1) this.#takeHead(bytes.toString('latin1', 0, end + 2), bytes.subarray(end + 4));
  }

  #takeHead(text: string, rest: Buffer): void {
    const { statusCode, headers, bodyLength, keepsAlive } = parseHead(text, this.#isAnswerToHead);
    if (statusCode < 200) {
      this.#interimResponses += 1;
      // Nobody asked for an upgrade, and nothing can follow a close.
      if (statusCode === 101 || !keepsAlive || this.#interimResponses > MOST_INTERIM_RESPONSES)
        throw new WireError('WIRE_BAD_STATUS_LINE', 'interim responses that cannot be');
    } else {
      // Before anything is told: a head with too long a body is not to be trusted either.
      const isFirm = keepsAlive || !this.#isAnswerToHead;
      if (isFirm && bodyLength >= 0 && rest.length > bodyLength)
        throw new WireError('WIRE_EXTRA_BYTES', 'bytes after the response');
      this.#keepsAlive = keepsAlive;
      this.#left = bodyLength;
      if (bodyLength === CHUNKED) this.#chunks = new ChunkDecoder();
      this.#sink.onHead({ statusCode, headers });
      if (bodyLength === 0) return this.#complete(keepsAlive);
    }
    if (rest.length > 0) this.read(rest);
  }

  #readBody(segment: Buffer): void {
    if (this.#left === CHUNKED) {
      this.#chunks?.decode(segment, this.#sink);
      if (this.#chunks?.isDone === true) this.#complete(this.#keepsAlive);
    } else if (this.#left === UNTIL_CLOSE) {
      this.#sink.onBody(segment);
    } else {
      this.#left -= segment.length;
      if (this.#left < 0) throw new WireError('WIRE_EXTRA_BYTES', 'bytes after the response');
      this.#sink.onBody(segment);
      if (this.#left === 0) this.#complete(this.#keepsAlive);
    }
  }

  // The last act of a turn: the sink may begin the next response in it.
  #complete(keepsAlive: boolean): void {
    this.#left = OVER;
    this.#sink.onComplete(keepsAlive);
  }
}

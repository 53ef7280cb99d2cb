import { WireError } from '../transport/wire-error.ts';
import { isTrailer } from './parse-head.ts';

const LARGEST_LINE_BYTES = 4096;
const MOST_TRAILERS = 64;
/** A size up to 2^52, and extensions, which mean nothing to us. */
const SIZE_LINE =
  /^([0-9A-Fa-f]{1,13})(?:;[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?:=(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+|"[\t\x20\x21\x23-\x5b\x5d-\x7e]*"))?)*\r\n$/;

/** Takes the chunked coding off one body (RFC 9112 §7.1); extensions and trailers are bounded, checked and dropped. */
export class ChunkDecoder {
  /** Whether the empty line at the very end has come. */
  isDone = false;
  /** Of a line that came in pieces. */
  #line = '';
  #expected: 'size' | 'end of chunk' | 'trailer' = 'size';
  #bytesLeft = 0;
  #trailers = 0;

  /**
   * @param sink - gets slices of the segment
   * @throws {WireError} `WIRE_BAD_CHUNK`, `WIRE_BAD_HEADER` in trailers, or `WIRE_EXTRA_BYTES` behind the end
   */
  decode(segment: Buffer, sink: { onBody(chunk: Buffer): void }): void {
    let at = 0;
    while (at < segment.length) {
      if (this.isDone) throw new WireError('WIRE_EXTRA_BYTES', 'bytes after the last chunk');
      if (this.#bytesLeft > 0) {
        const chunk = segment.subarray(at, at + this.#bytesLeft);
        this.#bytesLeft -= chunk.length;
        at += chunk.length;
        sink.onBody(chunk);
      } else {
        const lineFeed = segment.indexOf('\n', at, 'latin1');
        const piece = segment.toString('latin1', at, lineFeed === -1 ? segment.length : lineFeed + 1);
        if (this.#line.length + piece.length > LARGEST_LINE_BYTES) throw badChunk('a line without end');
        this.#line += piece;
        at += piece.length;
        if (lineFeed !== -1) this.#takeLine(this.#line);
      }
    }
  }

  #takeLine(line: string): void {
    this.#line = '';
    if (this.#expected === 'size') {
      const size = SIZE_LINE.exec(line)?.[1];
      if (size === undefined) throw badChunk('a malformed size');
      this.#bytesLeft = Number.parseInt(size, 16);
      this.#expected = this.#bytesLeft === 0 ? 'trailer' : 'end of chunk';
    } else if (this.#expected === 'end of chunk') {
      if (line !== '\r\n') throw badChunk('a chunk over its size');
      this.#expected = 'size';
    } else if (line === '\r\n') {
      this.isDone = true;
    } else {
      this.#trailers += 1;
      if (this.#trailers > MOST_TRAILERS || !isTrailer(line)) throw badChunk('trailers that cannot be');
    }
  }
}

function badChunk(message: string): WireError {
  return new WireError('WIRE_BAD_CHUNK', message);
}

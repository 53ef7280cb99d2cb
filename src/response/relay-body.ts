import type { ServerResponse } from 'node:http';
import { ProxyFailure } from '../failures.ts';
import type { BodySink, S3Response } from '../s3/exchange.ts';

/** Counts what was handed to the client's socket, as it goes. */
export interface ByteCount {
  bytes: number;
}

/**
 * Streams S3's body into a response whose head is out, and ends it only if every promised byte came.
 * The slower side sets the pace: S3 is paused while the client's socket is full, so one stream holds a few chunks.
 * @param promised - bytes of the body; undefined where S3's chunks say the end.
 * @throws {ProxyFailure} `body_cut`, `body_stall`, `client_gone`: the caller must destroy the socket.
 */
export function relayBody(
  s3: S3Response,
  response: ServerResponse,
  { promised, count }: { readonly promised: number | undefined; readonly count: ByteCount },
): Promise<void> {
  return new Promise((resolve, reject) => {
    s3.readBody(new Relay({ s3, response, promised, count, resolve, reject }));
  });
}

interface RelayParts {
  readonly s3: S3Response;
  readonly response: ServerResponse;
  readonly promised: number | undefined;
  readonly count: ByteCount;
  readonly resolve: () => void;
  readonly reject: (failure: ProxyFailure) => void;
}

class Relay implements BodySink {
  readonly #parts: RelayParts;

  constructor(parts: RelayParts) {
    this.#parts = parts;
    parts.response.on('drain', () => parts.s3.resume());
  }

  onData(chunk: Buffer): void {
    const { s3, response, promised, count } = this.#parts;
    count.bytes += chunk.length;
    if (promised !== undefined && count.bytes > promised) {
      s3.discard();
      this.onError(new ProxyFailure('body_cut', { cause: new Error('more bytes than promised') }));
      return;
    }
    if (!response.write(chunk)) s3.pause();
  }

  onEnd(): void {
    const { response, promised, count, resolve, reject } = this.#parts;
    if (promised !== undefined && count.bytes !== promised) {
      reject(new ProxyFailure('body_cut', { cause: new Error('fewer bytes than promised') }));
      return;
    }
    response.end();
    resolve();
  }

  onError(failure: ProxyFailure): void {
    this.#parts.reject(failure);
  }
}

import type { ResponseHead } from '../../../src/s3/attempt.ts';
import { ResponseReader, type ResponseSink } from '../../../src/s3/wire/response-reader.ts';
import type { WireError } from '../../../src/s3/transport/wire-error.ts';
import type { Outcome } from './outcome.ts';

/** What the wire client's parser makes of a response whose connection is then closed. */
export function readWithWire(method: string, segments: readonly Buffer[]): Outcome & { keepsAlive: boolean } {
  const sink = new OutcomeSink();
  const reader = new ResponseReader(sink);
  reader.begin(method === 'HEAD');
  for (const segment of segments) if (!sink.isOver) reader.read(segment);
  if (!sink.isOver) reader.end();
  return { ...sink.outcome, body: Buffer.concat(sink.chunks), keepsAlive: sink.keepsAlive };
}

class OutcomeSink implements ResponseSink {
  outcome: Omit<Outcome, 'body'> = { statusCode: undefined, headers: [], isComplete: false, error: 'none' };
  readonly chunks: Buffer[] = [];
  isOver = false;
  keepsAlive = false;

  onHead({ statusCode, headers }: ResponseHead): void {
    this.#mustBeOpen();
    this.outcome = { ...this.outcome, statusCode, headers };
  }

  onBody(chunk: Buffer): void {
    this.#mustBeOpen();
    if (chunk.length === 0) throw new Error('an empty chunk');
    this.chunks.push(Buffer.from(chunk));
  }

  onComplete(keepsAlive: boolean): void {
    this.#mustBeOpen();
    this.isOver = true;
    this.keepsAlive = keepsAlive;
    this.outcome = { ...this.outcome, isComplete: true, error: undefined };
  }

  onBroken({ code }: WireError): void {
    this.#mustBeOpen();
    this.isOver = true;
    this.outcome = { ...this.outcome, error: code };
  }

  #mustBeOpen(): void {
    if (this.isOver) throw new Error('told after the end');
  }
}

import type { Attempt, AttemptEvents, AttemptRequest, ResponseHead } from '../attempt.ts';
import type { Caller } from '../transport/connector.ts';
import type { ReadSlab } from '../transport/read-slab.ts';
import type { WireConnection } from './wire-connection.ts';

/** A body of this size comes with its head; to copy it costs less than memory that is lent until it is told. */
const LARGEST_COPY_BYTES = 4096;

/** One attempt's events in the promised order, with the body held back while it is paused. */
export class WireAttempt implements Attempt, Caller {
  readonly request: AttemptRequest;
  /** The request as it is written. */
  text = '';
  address: string | undefined;
  connection: WireConnection | undefined;
  /** What the response is read into. */
  #slab: ReadSlab | undefined;
  #exchange = 0;
  /** Nothing will be told any more. */
  isOver = false;
  readonly #events: AttemptEvents;
  readonly #held: Buffer[] = [];
  #hasHead = false;
  #isPaused = true;
  #isTelling = false;
  #hasTold = false;
  #wasSent = false;
  #isComplete = false;

  constructor(request: AttemptRequest, events: AttemptEvents) {
    this.request = request;
    this.#events = events;
  }

  get awayFrom(): string | undefined {
    return this.request.awayFrom;
  }

  pause(): void {
    if (this.isOver || !this.#hasHead) return;
    this.#isPaused = true;
    this.connection?.stopReading();
  }

  resume(): void {
    if (this.isOver || !this.#hasHead) return;
    this.#isPaused = false;
    // Called inside onData, the loop that told it goes on by itself.
    if (!this.#isTelling) this.#tellHeld();
  }

  freeChunks(): void {
    if (this.#hasHead && this.#held.length === 0) this.#slab?.free(this.#exchange);
  }

  abort(): void {
    this.#finish();
    this.connection?.close();
  }

  /** @param slab - what the response is going to be read into */
  onSent(slab: ReadSlab): void {
    this.#slab = slab;
    this.#exchange = slab.beginExchange();
    if (this.#wasSent) this.#events.onSentAgain?.();
    this.#wasSent = true;
  }

  onHead(head: ResponseHead): void {
    this.#hasHead = true;
    this.#events.onHead(head);
  }

  onBody(chunk: Buffer): void {
    if (this.isOver) return;
    if (!this.#isPaused) {
      this.#hasTold = true;
      this.#events.onData(chunk);
      return;
    }
    if (this.#hasTold || this.#held.length > 0 || chunk.length > LARGEST_COPY_BYTES) {
      this.#held.push(chunk);
    } else {
      this.#held.push(Buffer.from(chunk));
      this.#slab?.free(this.#exchange);
    }
    // The first comes with the head, and most readers resume before there is a second: to stop costs system calls.
    if (this.#held.length > 1) this.connection?.stopReading();
  }

  onComplete(): void {
    this.connection = undefined;
    this.#isComplete = true;
    if (!this.#isPaused) this.#tellEnd();
  }

  onFailed(error: Error): void {
    this.connection = undefined;
    if (this.isOver) return;
    this.#finish();
    this.#events.onError(error);
  }

  #tellHeld(): void {
    this.#isTelling = true;
    this.#hasTold ||= this.#held.length > 0;
    while (this.#held.length > 0 && !this.#isPaused) this.#events.onData(this.#held.shift() as Buffer);
    this.#isTelling = false;
    if (this.#isPaused) return;
    if (this.#isComplete) this.#tellEnd();
    else this.connection?.goOnReading();
  }

  #tellEnd(): void {
    this.#finish();
    this.#events.onEnd();
  }

  #finish(): void {
    this.isOver = true;
    this.#isPaused = true;
  }
}

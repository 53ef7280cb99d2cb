import { ProxyFailure } from '../failures.ts';
import type { Attempt, AttemptClient, AttemptEvents, AttemptRequest, ResponseHead } from './attempt.ts';
import type { ClientWatch } from './client-watch.ts';
import { classifyAttemptError } from './classify-attempt-error.ts';

/** Takes a body as it comes: chunks, then one of the two ends. */
export interface BodySink {
  onData(chunk: Buffer): void;
  onEnd(): void;
  onError(failure: ProxyFailure): void;
}

/** An answer of S3: its head, and a body that waits until it is read. */
export interface S3Response {
  readonly head: ResponseHead;
  /** Starts the body; once only. */
  readBody(sink: BodySink): void;
  pause(): void;
  resume(): void;
  /** Says that nobody holds a chunk any more that was told so far: their memory may be read into again. */
  freeChunks(): void;
  /** Frees the connection without reading on. */
  discard(): void;
}

/** Is told how often S3 was asked. */
export interface SendNotes {
  /** Requests sent to S3. */
  attempts: number;
  /** Why there was more than one. */
  readonly causes: string[];
}

/** Knows the attempt that was made last, so that the next can go elsewhere. */
export interface AttemptTrail {
  last: Attempt | undefined;
}

/** Whom an exchange is for. */
export interface ExchangeContext {
  readonly watch: ClientWatch;
  readonly trail: AttemptTrail;
  readonly notes?: SendNotes | undefined;
}

/**
 * Sends one signed request and waits for its head.
 * @throws {ProxyFailure} `client_gone`, or why no head came.
 */
export function exchange(
  client: AttemptClient,
  request: AttemptRequest,
  context: ExchangeContext,
): Promise<S3Response> {
  return new Promise((resolve, reject) => {
    if (context.watch.isGone) {
      reject(new ProxyFailure('client_gone'));
      return;
    }
    new Exchange(context.notes, { resolve, reject }).start(client, request, context);
  });
}

interface Settle {
  readonly resolve: (response: S3Response) => void;
  readonly reject: (failure: ProxyFailure) => void;
}

const NO_HEAD: ResponseHead = { statusCode: 0, headers: [] };

/** Before the head it settles the promise, after it is the response and feeds the sink. */
class Exchange implements AttemptEvents, S3Response {
  head = NO_HEAD;
  readonly #notes: SendNotes | undefined;
  readonly #settle: Settle;
  #attempt: Attempt | undefined;
  #isOver = false;
  #sink: BodySink | undefined;
  /** An end that came after the head and before the sink: undici does not hold back that of a HEAD's answer. */
  #earlyEnd: ProxyFailure | 'whole' | undefined;

  constructor(notes: SendNotes | undefined, settle: Settle) {
    this.#notes = notes;
    this.#settle = settle;
  }

  start(client: AttemptClient, request: AttemptRequest, { watch, trail }: ExchangeContext): void {
    const attempt = client.start(request, this);
    this.#attempt = attempt;
    trail.last = attempt;
    watch.onGone(() => {
      attempt.abort();
      this.#onClientGone();
    });
  }

  readBody(sink: BodySink): void {
    this.#sink = sink;
    if (this.#earlyEnd === undefined) this.#attempt?.resume();
    else if (this.#earlyEnd === 'whole') sink.onEnd();
    else sink.onError(this.#earlyEnd);
  }

  pause(): void {
    this.#attempt?.pause();
  }

  resume(): void {
    this.#attempt?.resume();
  }

  freeChunks(): void {
    this.#attempt?.freeChunks?.();
  }

  discard(): void {
    this.#isOver = true;
    this.#attempt?.abort();
  }

  onSentAgain(): void {
    if (this.#notes === undefined) return;
    this.#notes.attempts += 1;
    this.#notes.causes.push('closed_connection');
  }

  onHead(head: ResponseHead): void {
    this.head = head;
    this.#settle.resolve(this);
  }

  onData(chunk: Buffer): void {
    this.#sink?.onData(chunk);
  }

  onEnd(): void {
    this.#isOver = true;
    if (this.#sink === undefined) this.#earlyEnd = 'whole';
    else this.#sink.onEnd();
  }

  onError(error: Error): void {
    this.#isOver = true;
    this.#fail(new ProxyFailure(classifyAttemptError(error, this.head !== NO_HEAD), { cause: error }));
  }

  #onClientGone(): void {
    if (!this.#isOver) this.#fail(new ProxyFailure('client_gone'));
  }

  #fail(failure: ProxyFailure): void {
    if (this.head === NO_HEAD) this.#settle.reject(failure);
    else if (this.#sink === undefined) this.#earlyEnd = failure;
    else this.#sink.onError(failure);
  }
}

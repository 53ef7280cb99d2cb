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
  { watch, trail, notes }: ExchangeContext,
): Promise<S3Response> {
  return new Promise((resolve, reject) => {
    if (watch.isGone) {
      reject(new ProxyFailure('client_gone'));
      return;
    }
    const events = new ExchangeEvents(notes, { resolve, reject });
    const attempt = client.start(request, events);
    events.attempt = attempt;
    trail.last = attempt;
    watch.onGone(() => {
      attempt.abort();
      events.onClientGone();
    });
  });
}

interface Settle {
  readonly resolve: (response: S3Response) => void;
  readonly reject: (failure: ProxyFailure) => void;
}

/** Before the head it settles the promise, after it feeds the sink. */
class ExchangeEvents implements AttemptEvents {
  readonly #notes: SendNotes | undefined;
  readonly #settle: Settle;
  attempt: Attempt | undefined;
  #hasHead = false;
  #isOver = false;
  #sink: BodySink | undefined;
  /** An end that came after the head and before the sink: undici does not hold back that of a HEAD's answer. */
  #earlyEnd: ProxyFailure | 'whole' | undefined;

  constructor(notes: SendNotes | undefined, settle: Settle) {
    this.#notes = notes;
    this.#settle = settle;
  }

  onSentAgain(): void {
    if (this.#notes === undefined) return;
    this.#notes.attempts += 1;
    this.#notes.causes.push('closed_connection');
  }

  onHead(head: ResponseHead): void {
    this.#hasHead = true;
    this.#settle.resolve({
      head,
      readBody: (sink) => this.#readBody(sink),
      pause: () => this.attempt?.pause(),
      resume: () => this.attempt?.resume(),
      freeChunks: () => this.attempt?.freeChunks?.(),
      discard: () => {
        this.#isOver = true;
        this.attempt?.abort();
      },
    });
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
    this.#fail(new ProxyFailure(classifyAttemptError(error, this.#hasHead), { cause: error }));
  }

  onClientGone(): void {
    if (!this.#isOver) this.#fail(new ProxyFailure('client_gone'));
  }

  #fail(failure: ProxyFailure): void {
    if (!this.#hasHead) this.#settle.reject(failure);
    else if (this.#sink === undefined) this.#earlyEnd = failure;
    else this.#sink.onError(failure);
  }

  #readBody(sink: BodySink): void {
    this.#sink = sink;
    if (this.#earlyEnd === undefined) this.attempt?.resume();
    else if (this.#earlyEnd === 'whole') sink.onEnd();
    else sink.onError(this.#earlyEnd);
  }
}

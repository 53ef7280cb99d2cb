import { type FailureName, ProxyFailure } from '../failures.ts';
import type { ResponseHead } from './attempt.ts';
import type { Ask, S3Answer } from './ask-s3.ts';
import { askWithRetries } from './ask-with-retries.ts';
import { parseSentRange } from './byte-range.ts';
import type { BodySink, S3Response } from './exchange.ts';
import { findHeader } from './find-header.ts';

const RESUMABLE: ReadonlySet<FailureName> = new Set<FailureName>(['body_cut', 'body_stall']);

/** Which bytes of which object a body is. */
interface BodyPlace {
  /** Offset of the body's first byte in the object. */
  readonly first: number;
  readonly last: number;
  /** Bytes of the object. */
  readonly total: number;
  /** Strong. */
  readonly etag: string;
}

/**
 * Makes a body go on where it breaks: exactly the missing bytes of exactly the same object are asked for, and its reader
 * notices nothing. Where that cannot be sure, the response stays as it is, and a break stays a break.
 * @param promised - bytes of the body
 */
export function makeResumable(response: S3Response, ask: Ask, promised: number | undefined): S3Response {
  const { method, entry } = ask.target;
  const place = method === 'GET' && promised !== undefined ? findPlace(response.head, promised) : undefined;
  if (place === undefined || entry.upstream.resilience.resumes === 0) return response;
  return new ResumingResponse(response, ask, place);
}

function findPlace(head: ResponseHead, promised: number): BodyPlace | undefined {
  const etag = findHeader(head.headers, 'etag');
  if (etag?.startsWith('"') !== true || promised === 0) return undefined;
  // Where chunks have gone wrong, what came may be their framing, and the rest would complete it.
  if (findHeader(head.headers, 'transfer-encoding') !== undefined) return undefined;
  if (head.statusCode === 200) return { first: 0, last: promised - 1, total: promised, etag };
  const sent = parseSentRange(findHeader(head.headers, 'content-range') ?? '');
  return sent && { ...sent, etag };
}

class ResumingResponse implements S3Response, BodySink {
  readonly head: ResponseHead;
  readonly #ask: Ask;
  readonly #place: BodyPlace;
  /** The one that the bytes come from now. */
  #source: S3Response;
  #sink: BodySink | undefined;
  /** Offset in the object of the next byte. */
  #next: number;
  #resumes = 0;
  #isPaused = false;
  #isOver = false;

  constructor(source: S3Response, ask: Ask, place: BodyPlace) {
    this.head = source.head;
    this.#source = source;
    this.#ask = ask;
    this.#place = place;
    this.#next = place.first;
  }

  readBody(sink: BodySink): void {
    this.#sink = sink;
    this.#source.readBody(this);
  }

  pause(): void {
    this.#isPaused = true;
    this.#source.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#source.resume();
  }

  freeChunks(): void {
    this.#source.freeChunks();
  }

  discard(): void {
    this.#isOver = true;
    this.#source.discard();
  }

  onData(chunk: Buffer): void {
    this.#next += chunk.length;
    this.#sink?.onData(chunk);
  }

  onEnd(): void {
    // A source whose own framing ends it too early is as broken as one that was cut.
    if (this.#next > this.#place.last) this.#sink?.onEnd();
    else this.onError(new ProxyFailure('body_cut', { cause: new Error('fewer bytes than promised') }));
  }

  onError(failure: ProxyFailure): void {
    const canResume =
      !this.#isOver &&
      RESUMABLE.has(failure.failure) &&
      this.#next <= this.#place.last &&
      this.#resumes < this.#ask.target.entry.upstream.resilience.resumes;
    if (canResume) void this.#takeUp(failure);
    else this.#sink?.onError(failure);
  }

  /** Asks for the rest. What goes wrong with that leaves the first failure to be told. */
  async #takeUp(failure: ProxyFailure): Promise<void> {
    const { notes } = this.#ask;
    this.#resumes += 1;
    notes.resumes += 1;
    notes.causes.push(failure.failure);
    const answer = await this.#askForRest().catch(() => undefined);
    if (answer !== undefined && !this.#isOver && this.#isRest(answer)) {
      this.#source = answer.response;
      answer.response.readBody(this);
      if (this.#isPaused) answer.response.pause();
      return;
    }
    answer?.response.discard();
    if (!this.#isOver) this.#sink?.onError(failure);
  }

  #askForRest(): Promise<S3Answer> {
    const { target } = this.#ask;
    return askWithRetries({
      ...this.#ask,
      // The range counts in the whole object, whatever part the client has named.
      target: { ...target, wireQuery: dropPartNumber(target.wireQuery) },
      range: `bytes=${this.#next}-${this.#place.last}`,
      conditions: ['if-match', this.#place.etag],
      isFresh: true,
      mayHedge: false,
      endsAtMs: performance.now() + target.entry.upstream.resilience.totalMs,
    });
  }

  /** The same object, the right bytes, all of them. */
  #isRest({ response: { head } }: S3Answer): boolean {
    const sent = parseSentRange(findHeader(head.headers, 'content-range') ?? '');
    return (
      head.statusCode === 206 &&
      sent?.first === this.#next &&
      sent.last === this.#place.last &&
      sent.total === this.#place.total &&
      findHeader(head.headers, 'etag') === this.#place.etag
    );
  }
}

function dropPartNumber(query: string): string {
  return query
    .split('&')
    .filter((pair) => !pair.startsWith('partNumber='))
    .join('&');
}

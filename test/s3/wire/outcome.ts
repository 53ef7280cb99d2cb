import type { AttemptEvents, ResponseHead } from '../../../src/s3/attempt.ts';

/** What a reader of a response told. */
export interface Outcome {
  readonly statusCode: number | undefined;
  readonly headers: readonly string[];
  readonly body: Buffer;
  readonly isComplete: boolean;
  /** Why it is not complete. */
  readonly error: string | undefined;
}

/** Takes the events of one attempt down; copies each chunk, as its memory may be used again. */
export class OutcomeRecorder implements AttemptEvents {
  readonly outcome: Promise<Outcome>;
  readonly #settle: (outcome: Outcome) => void;
  readonly #chunks: Buffer[] = [];
  #head: ResponseHead | undefined;
  #isOver = false;
  /** Called in onHead and after each chunk. */
  whenHead: () => void = () => undefined;
  whenChunk: () => void = () => undefined;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    this.outcome = promise;
    this.#settle = resolve;
  }

  get bytes(): number {
    return this.#chunks.reduce((sum, { length }) => sum + length, 0);
  }

  get head(): ResponseHead | undefined {
    return this.#head;
  }

  onHead(head: ResponseHead): void {
    if (this.#head !== undefined || this.#isOver) throw new Error('a second head, or one after the end');
    this.#head = head;
    this.whenHead();
  }

  onData(chunk: Buffer): void {
    if (this.#head === undefined || this.#isOver) throw new Error('body before the head or after the end');
    this.#chunks.push(Buffer.from(chunk));
    this.whenChunk();
  }

  onEnd(): void {
    this.#end(undefined);
  }

  onError(error: Error): void {
    this.#end((error as NodeJS.ErrnoException).code ?? error.message);
  }

  #end(error: string | undefined): void {
    if (this.#isOver) throw new Error('a second end');
    this.#isOver = true;
    this.#settle({
      statusCode: this.#head?.statusCode,
      headers: this.#head?.headers ?? [],
      body: Buffer.concat(this.#chunks),
      isComplete: error === undefined,
      error,
    });
  }
}

/**
 * What is wrong with what the strict reader told, held against a reader that is known to be right: other bytes, more
 * bytes, or an end that is none. To refuse is never wrong here.
 */
export function findDifference(strict: Outcome, known: Outcome): string | undefined {
  if (strict.statusCode === undefined) return undefined;
  if (strict.statusCode !== known.statusCode)
    return `status ${strict.statusCode}, but ${known.statusCode ?? 'none'} (${known.error ?? ''})`;
  const [ours, theirs] = [JSON.stringify(trim(strict.headers)), JSON.stringify(trim(known.headers))];
  if (ours !== theirs) return `headers ${ours}, but ${theirs}`;
  if (!known.body.subarray(0, strict.body.length).equals(strict.body))
    return `${strict.body.length} bytes that are not those of ${known.body.length} (${known.error ?? ''})`;
  if (strict.isComplete && !known.isComplete) return `complete, but ${known.error ?? 'cut'}`;
  if (strict.isComplete && strict.body.length !== known.body.length)
    return `complete with ${strict.body.length} bytes, but ${known.body.length}`;
  return undefined;
}

/** Blanks around values are no part of them (RFC 9110 §5.5); parsers differ in when they take them off. */
function trim(headers: readonly string[]): string[] {
  return headers.map((part) => part.replace(/^[ \t]+|[ \t]+$/g, ''));
}

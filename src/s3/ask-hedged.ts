import { type Ask, askS3, type S3Answer } from './ask-s3.ts';
import { classifyAnswer } from './retry-policy.ts';
import { ClientWatch } from './client-watch.ts';
import type { HedgeTiming } from './hedge-timing.ts';

/**
 * Asks S3, and asks a second time on another connection when the first head is late; the first head wins, and the other
 * attempt is cut. S3's slow tail is a matter of the one server or connection, so a second try is usually quick (AWS,
 * "Performance design patterns for Amazon S3"). What would have to be retried does not win while the other may do better.
 * @throws {ProxyFailure} when neither has brought an answer: the first one's.
 */
export function askHedged(ask: Ask, isFresh: boolean): Promise<S3Answer> {
  const { hedging } = ask.target.entry.upstream.resilience;
  if (hedging === undefined || !ask.mayHedge) return askS3(ask, { watch: ask.watch, isFresh });
  return new Promise((resolve, reject) => {
    new HedgeRace(ask, hedging, { resolve, reject }).start(isFresh);
  });
}

interface Settle {
  readonly resolve: (answer: S3Answer) => void;
  readonly reject: (failure: unknown) => void;
}

class HedgeRace {
  readonly #ask: Ask;
  readonly #hedging: HedgeTiming;
  readonly #settle: Settle;
  /** One for each attempt, so that the loser can be cut without the winner. */
  readonly #lanes: ClientWatch[] = [];
  #running = 0;
  #isSettled = false;
  /** The newest that would have to be retried. */
  #poorAnswer: S3Answer | undefined;
  #firstFailure: unknown;
  #timer: NodeJS.Timeout | undefined;

  constructor(ask: Ask, hedging: HedgeTiming, settle: Settle) {
    this.#ask = ask;
    this.#hedging = hedging;
    this.#settle = settle;
  }

  start(isFresh: boolean): void {
    this.#hedging.noteRequest();
    this.#ask.watch.onGone(() => {
      for (const lane of this.#lanes) lane.markGone();
    });
    this.#run(isFresh);
    this.#timer = setTimeout(() => this.#hedge(), this.#hedging.delayMs);
  }

  #hedge(): void {
    const { target, watch, notes } = this.#ask;
    // Without credentials it is not S3 that is late.
    const isAsked = target.entry.upstream.credentials.current() !== undefined;
    if (this.#isSettled || watch.isGone || !isAsked || !this.#hedging.tryTake()) return;
    notes.hedges += 1;
    notes.causes.push('hedge');
    this.#run(true);
  }

  #run(isFresh: boolean): void {
    const watch = new ClientWatch();
    if (this.#ask.watch.isGone) watch.markGone();
    const index = this.#lanes.push(watch) - 1;
    this.#running += 1;
    askS3(this.#ask, { watch, isFresh }).then(
      (answer) => this.#finish(index, answer),
      (failure: unknown) => this.#fail(failure),
    );
  }

  #finish(index: number, answer: S3Answer): void {
    if (this.#isSettled) {
      answer.response.discard();
      return;
    }
    const isPoor = classifyAnswer(answer.response.head.statusCode, answer.error?.code) !== undefined;
    if (isPoor && this.#running > 1) {
      this.#running -= 1;
      this.#poorAnswer = answer;
      return;
    }
    this.#end();
    if (index > 0) this.#ask.notes.hedgesWon += 1;
    this.#lanes.forEach((lane, other) => {
      if (other !== index) lane.markGone();
    });
    this.#settle.resolve(answer);
  }

  #fail(failure: unknown): void {
    this.#running -= 1;
    this.#firstFailure ??= failure;
    if (this.#isSettled || this.#running > 0) return;
    this.#end();
    if (this.#poorAnswer !== undefined) this.#settle.resolve(this.#poorAnswer);
    else this.#settle.reject(this.#firstFailure);
  }

  #end(): void {
    this.#isSettled = true;
    clearTimeout(this.#timer);
  }
}

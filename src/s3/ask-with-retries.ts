import { ProxyFailure } from '../failures.ts';
import { askHedged } from './ask-hedged.ts';
import type { Ask, S3Answer } from './ask-s3.ts';
import { type Cure, cureRefusal } from './cure-refusal.ts';
import { findHeader } from './find-header.ts';
import {
  classifyAnswer,
  classifyFailure,
  parseRetryAfterMs,
  retryDelayMs,
  type RetryKind,
} from './retry-policy.ts';
import { sleepUnlessGone } from './sleep-unless-gone.ts';

/** How one attempt ended. */
type Outcome =
  | { readonly answer: S3Answer; readonly kind: RetryKind | undefined }
  | { readonly failure: ProxyFailure; readonly kind: RetryKind | undefined };

/**
 * Asks S3 until it answers for good, the attempts are used up or the time is: S3's 5xx and broken connections are retried
 * after a jittered pause, and what can be mended about the request itself is mended.
 * @returns S3's last answer, be it an error
 * @throws {ProxyFailure} where the last attempt brought no answer
 */
export async function askWithRetries(ask: Ask): Promise<S3Answer> {
  const { resilience, clock } = ask.target.entry.upstream;
  let lastKind: RetryKind | undefined;
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await tryOnce(ask, ask.isFresh || attempt > 1);
    const { kind } = outcome;
    if (kind === undefined) {
      // A failure that no retry helps against, such as a client that left, says nothing good of S3.
      if ('answer' in outcome) resilience.retryBudget.noteSuccess(lastKind);
      return settle(outcome);
    }
    const retryAfterMs = readRetryAfterMs(outcome, clock.nowMs());
    const delayMs = retryDelayMs(kind, attempt, Math.random(), retryAfterMs);
    const isOver = attempt >= resilience.attempts || performance.now() + delayMs > ask.endsAtMs;
    if (isOver || !resilience.retryBudget.tryTake(kind)) return settle(outcome);
    lastKind = kind;
    ask.notes.causes.push(describe(outcome));
    await sleepUnlessGone(delayMs, ask.watch);
  }
}

async function tryOnce(ask: Ask, isFresh: boolean): Promise<Outcome> {
  // A wrong clock, keys that have ended and a wrong region may all have to be mended for one request, each once.
  const mended: Cure[] = [];
  try {
    for (;;) {
      const answer = await askHedged(ask, isFresh);
      const { response, error } = answer;
      if (error === undefined) return { answer, kind: undefined };
      const cure = await cureRefusal(answer, ask.target.entry.upstream, mended);
      if (cure === undefined) return { answer, kind: classifyAnswer(response.head.statusCode, error.code) };
      mended.push(cure);
      ask.notes.causes.push(cure);
    }
  } catch (error) {
    if (!(error instanceof ProxyFailure)) throw error;
    return { failure: error, kind: classifyFailure(error.failure) };
  }
}

function settle(outcome: Outcome): S3Answer {
  if ('failure' in outcome) throw outcome.failure;
  return outcome.answer;
}

function readRetryAfterMs(outcome: Outcome, nowMs: number): number {
  if ('failure' in outcome) return 0;
  return parseRetryAfterMs(findHeader(outcome.answer.response.head.headers, 'retry-after'), nowMs);
}

function describe(outcome: Outcome): string {
  if ('failure' in outcome) return outcome.failure.failure;
  const { response, error } = outcome.answer;
  return error?.code === undefined
    ? String(response.head.statusCode)
    : `${response.head.statusCode} ${error.code}`;
}

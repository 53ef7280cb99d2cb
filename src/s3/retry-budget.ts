import type { RetryKind } from './retry-policy.ts';

const CAPACITY = 500;
/** What a retry takes out (smithy, "standard" retry mode). */
const COST: Readonly<Record<RetryKind, number>> = { transient: 10, throttling: 5 };
const REFUND_FOR_SUCCESS = 1;

/**
 * A bucket of tokens for the whole process, so that retries do not multiply an outage: when most requests fail, they soon
 * fail without a retry, and when S3 is well again each success puts something back.
 */
export class RetryBudget {
  #tokens = CAPACITY;

  get tokens(): number {
    return this.#tokens;
  }

  /** Takes what a retry costs. @returns false where there is not enough, and then takes nothing */
  tryTake(kind: RetryKind): boolean {
    if (this.#tokens < COST[kind]) return false;
    this.#tokens -= COST[kind];
    return true;
  }

  /** @param retriedAs - what the last retry of the request was; its cost comes back */
  noteSuccess(retriedAs: RetryKind | undefined): void {
    const refund = retriedAs === undefined ? REFUND_FOR_SUCCESS : COST[retriedAs];
    this.#tokens = Math.min(CAPACITY, this.#tokens + refund);
  }
}

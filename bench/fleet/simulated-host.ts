import type { RetryBudget } from '../../src/s3/retry-budget.ts';
import { classifyAnswer, retryDelayMs, type RetryKind } from '../../src/s3/retry-policy.ts';
import type { EventQueue } from './event-queue.ts';
import type { FleetCounts } from './fleet-counts.ts';
import type { Scenario } from './scenario.ts';
import { waitOfChanceMs } from './seeded-chance.ts';
import type { SimulatedKeys } from './simulated-keys.ts';
import type { SimulatedS3 } from './simulated-s3.ts';

/** What decides whether a retry may be sent: the daemon's budget, or one that never ends. */
export type Budget = Pick<RetryBudget, 'tryTake' | 'noteSuccess'>;

export const ENDLESS_BUDGET: Budget = {
  tryTake: () => true,
  noteSuccess: () => undefined,
};

export interface HostParts {
  readonly queue: EventQueue;
  readonly scenario: Scenario;
  readonly s3: SimulatedS3;
  readonly keys: SimulatedKeys;
  readonly budget: Budget;
  readonly counts: FleetCounts;
  readonly chance: () => number;
}

interface Request {
  readonly arrivedAtMs: number;
  attempt: number;
  lastKind: RetryKind | undefined;
}

/** One daemon under load: what `ask-with-retries.ts` does, in simulated time, with the daemon's own policy and budget. */
export function startHost(parts: HostParts): void {
  const { queue, scenario, chance } = parts;
  const perSecond = scenario.requestsPerSecond / scenario.hosts;
  const next = (): void => {
    const request = { arrivedAtMs: queue.nowMs, attempt: 1, lastKind: undefined };
    parts.counts.noteRequest(queue.nowMs);
    send(request, parts);
    queue.in(waitOfChanceMs(perSecond, chance()), next);
  };
  queue.in(waitOfChanceMs(perSecond, chance()), next);
}

function send(request: Request, parts: HostParts): void {
  const { queue, s3, keys, counts } = parts;
  counts.noteAttempt(queue.nowMs);
  const { statusCode, code, afterMs } = s3.ask(queue.nowMs, keys.areGood);
  queue.in(afterMs, () => {
    const kind = classifyAnswer(statusCode, code);
    if (kind !== undefined) retryOrGiveUp(request, kind, parts);
    else {
      parts.budget.noteSuccess(request.lastKind);
      if (statusCode === 206) counts.noteSuccess(request.arrivedAtMs);
    }
  });
}

function retryOrGiveUp(request: Request, kind: RetryKind, parts: HostParts): void {
  const { queue, scenario, budget, chance } = parts;
  const delayMs = retryDelayMs(kind, request.attempt, chance());
  const endsAtMs = request.arrivedAtMs + scenario.totalMs;
  if (request.attempt >= scenario.attempts || queue.nowMs + delayMs > endsAtMs || !budget.tryTake(kind))
    return;
  request.attempt += 1;
  request.lastKind = kind;
  queue.in(delayMs, () => send(request, parts));
}

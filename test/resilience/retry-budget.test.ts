import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RetryBudget } from '../../src/s3/retry-budget.ts';
import type { RetryKind } from '../../src/s3/retry-policy.ts';

const COST = { transient: 10, throttling: 5 };

/** Takes until there is nothing left. @returns how often it could */
function drain(budget: RetryBudget, kind: RetryKind): number {
  let taken = 0;
  while (budget.tryTake(kind)) taken += 1;
  return taken;
}

test('It holds 50 retries of accidents, or 100 of throttling.', () => {
  expect(drain(new RetryBudget(), 'transient')).toBe(50);
  expect(drain(new RetryBudget(), 'throttling')).toBe(100);
});

test('What cannot be paid takes nothing.', () => {
  const budget = new RetryBudget();
  drain(budget, 'throttling');
  for (let success = 0; success < 7; success += 1) budget.noteSuccess(undefined);
  expect([budget.tryTake('transient'), budget.tokens]).toEqual([false, 7]);
  expect([budget.tryTake('throttling'), budget.tokens]).toEqual([true, 2]);
});

test('A success puts one token back, one after a retry what the retry has cost.', () => {
  const budget = new RetryBudget();
  drain(budget, 'transient');
  budget.noteSuccess(undefined);
  expect(budget.tokens).toBe(1);
  budget.noteSuccess('transient');
  expect(budget.tokens).toBe(11);
  budget.noteSuccess('throttling');
  expect(budget.tokens).toBe(16);
});

test('Ten requests that need no retry pay for one that does, and no good time is saved up beyond 500 tokens.', () => {
  const budget = new RetryBudget();
  drain(budget, 'transient');
  for (let success = 0; success < 10; success += 1) budget.noteSuccess(undefined);
  expect(drain(budget, 'transient')).toBe(1);
  for (let success = 0; success < 10_000; success += 1) budget.noteSuccess(undefined);
  expect(budget.tokens).toBe(500);
});

const kind = fc.constantFrom<RetryKind>('transient', 'throttling');
const act = fc.oneof(
  kind.map((of) => ({ act: 'take', of }) as const),
  fc.option(kind, { nil: undefined }).map((of) => ({ act: 'succeed', of }) as const),
);

test('Whatever happens it holds 0 to 500 tokens, and gives exactly what its model gives.', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 400 }), (acts) => {
      const budget = new RetryBudget();
      let tokens = 500;
      for (const { act: what, of } of acts) {
        if (what === 'take') {
          const isEnough = tokens >= COST[of];
          expect(budget.tryTake(of)).toBe(isEnough);
          tokens -= isEnough ? COST[of] : 0;
        } else {
          budget.noteSuccess(of);
          tokens = Math.min(500, tokens + (of === undefined ? 1 : COST[of]));
        }
        expect(budget.tokens).toBe(tokens);
        expect(tokens >= 0 && tokens <= 500).toBe(true);
      }
    }),
  );
});

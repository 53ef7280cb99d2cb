import { RetryBudget } from '../../src/s3/retry-budget.ts';
import { EventQueue } from './event-queue.ts';
import { FleetCounts, type FleetStep } from './fleet-counts.ts';
import type { Scenario } from './scenario.ts';
import { seededChance } from './seeded-chance.ts';
import { ENDLESS_BUDGET, startHost } from './simulated-host.ts';
import { SimulatedKeys } from './simulated-keys.ts';
import { SimulatedS3 } from './simulated-s3.ts';

export const STEP_MS = 5000;

/** Lets a scenario happen. The same scenario gives the same figures. @returns what was counted, five seconds a step */
export function runFleet(scenario: Scenario, hasBudget: boolean): FleetStep[] {
  const queue = new EventQueue();
  const counts = new FleetCounts(scenario.lengthMs, STEP_MS);
  const s3 = new SimulatedS3(scenario, seededChance(scenario.seed));
  const fleet = Array.from({ length: scenario.hosts }, (_, host) => {
    // Each has its own chance, so that hosts keep theirs whatever the others do.
    const chance = seededChance(scenario.seed + 7919 * (host + 1));
    const onFetch = (): void => counts.noteFetch(queue.nowMs);
    const keys = new SimulatedKeys(queue, scenario, { chance: seededChance(scenario.seed - host), onFetch });
    const budget = hasBudget ? new RetryBudget() : ENDLESS_BUDGET;
    startHost({ queue, scenario, s3, keys, budget, counts, chance });
    return keys;
  });
  for (let atMs = 0; atMs < scenario.lengthMs; atMs += STEP_MS) {
    queue.runUntil(atMs + STEP_MS - 1);
    counts.noteLeastKeyLife(atMs, Math.min(...fleet.map(({ leftMs }) => leftMs)));
  }
  return counts.steps();
}

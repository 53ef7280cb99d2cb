import { describe, expect, test } from 'vitest';
import { drawFleet } from '../../bench/fleet/draw-fleet.ts';
import { EventQueue } from '../../bench/fleet/event-queue.ts';
import { runFleet } from '../../bench/fleet/run-fleet.ts';
import { SCENARIO, type Scenario } from '../../bench/fleet/scenario.ts';
import { seededChance } from '../../bench/fleet/seeded-chance.ts';
import { formatFleet, type PeriodSummary, summariseFleet } from '../../bench/fleet/summarise-fleet.ts';
import { BUCKET_AND_REGION, loadText } from '../config/load-text.ts';

const minutes = (from: number, to: number) => ({ fromMs: from * 60_000, toMs: to * 60_000 });

/** The scenario of docs/scaling.md with fewer hosts and less time. */
const SMALL: Scenario = {
  ...SCENARIO,
  hosts: 6,
  requestsPerSecond: 120,
  capacity: 240,
  lengthMs: 10 * 60_000,
  accidents: { ...minutes(1, 2), share: SCENARIO.accidents.share },
  sourceOutage: minutes(3, 7),
  brownOut: { ...minutes(4, 7), capacity: 60 },
};

function run(scenario: Scenario, hasBudget: boolean): PeriodSummary[] {
  return summariseFleet(runFleet(scenario, hasBudget), scenario);
}

const [withBudget, withoutBudget] = [run(SMALL, true), run(SMALL, false)];

test('the simulated daemons try as often and as long as real ones do unless told otherwise', () => {
  const { retries } = loadText(BUCKET_AND_REGION);
  expect({ attempts: SCENARIO.attempts, totalMs: SCENARIO.totalMs }).toMatchObject({
    attempts: retries.attempts,
    totalMs: retries.totalMs,
  });
});

describe('In a brown-out', () => {
  const [on, off] = [withBudget[2]!, withoutBudget[2]!];

  test('the budget keeps a request one request, nearly; without it S3 gets more than twice as many', () => {
    expect(on.attemptsPerRequest).toBeLessThan(1.4);
    expect(off.attemptsPerRequest).toBeGreaterThan(2.2);
  });

  test('more is answered well with the budget, where refusals cost S3 something', () => {
    expect(on.successShare).toBeGreaterThan(off.successShare + 0.08);
  });

  test('as much is answered well with the budget, where they cost nothing, from fewer requests', () => {
    const free = { ...SMALL, refusalCost: 0 };
    const [freeOn, freeOff] = [run(free, true)[2]!, run(free, false)[2]!];
    expect(Math.abs(freeOn.successShare - freeOff.successShare)).toBeLessThan(0.03);
    expect(freeOn.attemptsPerRequest).toBeLessThan(freeOff.attemptsPerRequest / 1.5);
  });
});

test('accidents are retried with the budget as without it, and nearly nobody notices', () => {
  for (const runs of [withBudget, withoutBudget]) {
    expect(runs[1]!.attemptsPerRequest).toBeGreaterThan(1.01);
    expect(runs[1]!.successShare).toBeGreaterThan(0.998);
  }
});

test('after it everything is answered again, and the calm needs no retry', () => {
  for (const runs of [withBudget, withoutBudget]) {
    expect(runs[3]!.successShare).toBeGreaterThan(0.99);
    expect(runs[0]).toMatchObject({ attemptsPerRequest: 1, successShare: 1 });
  }
});

describe('Credentials', () => {
  test('outlive an outage of their source, and are not fetched by all hosts at once', () => {
    const steps = runFleet(SMALL, true);
    expect(Math.min(...steps.map(({ leastKeyLifeMs }) => leastKeyLifeMs))).toBeGreaterThan(0);
    const later = steps.slice(1).map(({ fetches }) => fetches);
    expect(Math.max(...later)).toBeLessThan(SMALL.hosts);
    expect(later.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(SMALL.hosts);
  });

  test('that end in an outage that is longer than their life are refused: the simulation can fail', () => {
    const long = { ...SMALL, lengthMs: 18 * 60_000, sourceOutage: minutes(1, 18) };
    const last = runFleet(long, true).at(-10)!;
    expect(last.leastKeyLifeMs).toBeLessThan(0);
    expect(last.successes).toBe(0);
  });
});

test('the same seed gives the same figures, another one others', () => {
  expect(run(SMALL, true)).toEqual(withBudget);
  expect(run({ ...SMALL, seed: SMALL.seed + 1 }, true)).not.toEqual(withBudget);
});

test('the pictures and the table show both runs', () => {
  const runs = { withBudget: runFleet(SMALL, true), withoutBudget: runFleet(SMALL, false) };
  const charts = drawFleet(runs, SMALL);
  expect(charts.map(({ name }) => name)).toEqual(['fleet-brown-out', 'fleet-credentials']);
  expect(drawFleet(runs, SMALL)).toEqual(charts);
  for (const word of ['with the retry budget', 'without a retry budget', 'brown-out', '3 % 500'])
    expect(charts[0]!.svg).toContain(word);
  expect(charts[1]!.svg).toContain('the source answers nobody');
  const row = new RegExp(
    `^\\| brown-out +\\| +${withBudget[2]!.attemptsPerRequest.toFixed(2)} \\| +${withoutBudget[2]!.attemptsPerRequest.toFixed(2)} \\|`,
    'm',
  );
  expect(formatFleet(runs, SMALL)).toMatch(row);
});

test('events come in the order of their time, and of their making at the same time', () => {
  const queue = new EventQueue();
  const chance = seededChance(7);
  const times: number[] = [];
  for (let at = 0; at < 500; at += 1) {
    const delayMs = Math.floor(chance() * 100);
    queue.in(delayMs, () => times.push(delayMs + at / 1000));
  }
  queue.runUntil(1000);
  expect(times).toHaveLength(500);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(queue.nowMs).toBe(1000);
});

/** From one moment to another, in milliseconds from the start. */
export interface Period {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What happens to a fleet. Rates are of the whole fleet, in requests a second. */
export interface Scenario {
  readonly seed: number;
  readonly hosts: number;
  readonly requestsPerSecond: number;
  readonly lengthMs: number;
  /** As `retries.attempts` and `retries.total`. */
  readonly attempts: number;
  readonly totalMs: number;
  /** What S3 can serve. */
  readonly capacity: number;
  /** What a refusal costs S3, as a part of what serving costs: a refusal is cheap, not free. */
  readonly refusalCost: number;
  /** S3 can serve only so much. */
  readonly brownOut: Period & { readonly capacity: number };
  /** A part of S3's answers is a 500, whatever the load. */
  readonly accidents: Period & { readonly share: number };
  /** The source of credentials answers nobody. */
  readonly sourceOutage: Period;
  /** How long the keys live that the source gives. */
  readonly keyLifeMs: number;
}

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

/** Forty hosts, half an hour: first a few accidents, then no credentials, then an S3 that can serve half. */
export const SCENARIO: Scenario = {
  seed: 20_260_101,
  hosts: 40,
  requestsPerSecond: 1000,
  lengthMs: 25 * MINUTE_MS,
  attempts: 3,
  totalMs: 10 * SECOND_MS,
  capacity: 2000,
  refusalCost: 0.1,
  accidents: { fromMs: 3 * MINUTE_MS, toMs: 6 * MINUTE_MS, share: 0.03 },
  sourceOutage: { fromMs: 7 * MINUTE_MS, toMs: 14 * MINUTE_MS },
  brownOut: { fromMs: 10 * MINUTE_MS, toMs: 15 * MINUTE_MS, capacity: 500 },
  keyLifeMs: 15 * MINUTE_MS,
};

export function isDuring({ fromMs, toMs }: Period, nowMs: number): boolean {
  return nowMs >= fromMs && nowMs < toMs;
}

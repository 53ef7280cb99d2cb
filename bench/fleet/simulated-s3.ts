import { isDuring, type Scenario } from './scenario.ts';

/** As much of an answer as the retry policy reads. */
export interface SimulatedAnswer {
  readonly statusCode: number;
  readonly code: string | undefined;
  readonly afterMs: number;
}

const LEAST_LATENCY_MS = 20;
const USUAL_LATENCY_MS = 30;
/** What may come at once, as a part of a second's worth. */
const BURST_SECONDS = 0.05;

/** An S3 that serves up to a rate and refuses the rest with 503 SlowDown, each refusal at a small cost of its own. */
export class SimulatedS3 {
  readonly #scenario: Scenario;
  readonly #chance: () => number;
  #room: number;
  #countedAtMs = 0;

  constructor(scenario: Scenario, chance: () => number) {
    this.#scenario = scenario;
    this.#chance = chance;
    this.#room = scenario.capacity * BURST_SECONDS;
  }

  ask(nowMs: number, areKeysGood: boolean): SimulatedAnswer {
    const { accidents, refusalCost } = this.#scenario;
    const afterMs = LEAST_LATENCY_MS - Math.log(1 - this.#chance()) * USUAL_LATENCY_MS;
    this.#refill(nowMs);
    if (this.#room < 1) {
      this.#room = Math.max(0, this.#room - refusalCost);
      return { statusCode: 503, code: 'SlowDown', afterMs: LEAST_LATENCY_MS };
    }
    this.#room -= 1;
    if (!areKeysGood) return { statusCode: 400, code: 'ExpiredToken', afterMs };
    if (isDuring(accidents, nowMs) && this.#chance() < accidents.share)
      return { statusCode: 500, code: 'InternalError', afterMs };
    return { statusCode: 206, code: undefined, afterMs };
  }

  #refill(nowMs: number): void {
    const { brownOut, capacity: usual } = this.#scenario;
    const capacity = isDuring(brownOut, nowMs) ? brownOut.capacity : usual;
    const seconds = (nowMs - this.#countedAtMs) / 1000;
    this.#room = Math.min(1 + capacity * BURST_SECONDS, this.#room + capacity * seconds);
    this.#countedAtMs = nowMs;
  }
}

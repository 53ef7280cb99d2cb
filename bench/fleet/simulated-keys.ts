import {
  delayAfterFailureMs,
  delayAfterNewMs,
  delayAfterSameMs,
} from '../../src/credentials/refresh-schedule.ts';
import type { EventQueue } from './event-queue.ts';
import { isDuring, type Scenario } from './scenario.ts';

/** AWS has new keys at least five minutes before the old ones end; earlier it gives the same again. */
const SOURCE_LEAD_MS = 5 * 60_000;

/** The keys of one host, fetched when the daemon's own schedule says so. */
export class SimulatedKeys {
  readonly #queue: EventQueue;
  readonly #scenario: Scenario;
  readonly #chance: () => number;
  readonly #onFetch: () => void;
  #expiresAtMs = 0;
  #failuresInARow = 0;

  constructor(
    queue: EventQueue,
    scenario: Scenario,
    { chance, onFetch }: { readonly chance: () => number; readonly onFetch: () => void },
  ) {
    this.#queue = queue;
    this.#scenario = scenario;
    this.#chance = chance;
    this.#onFetch = onFetch;
    this.#fetch();
  }

  get areGood(): boolean {
    return this.leftMs > 0;
  }

  /** Until the keys end. */
  get leftMs(): number {
    return this.#expiresAtMs - this.#queue.nowMs;
  }

  #fetch(): void {
    const { nowMs } = this.#queue;
    this.#onFetch();
    const delayMs = isDuring(this.#scenario.sourceOutage, nowMs) ? this.#fail() : this.#take(nowMs);
    this.#queue.in(delayMs, () => this.#fetch());
  }

  #fail(): number {
    this.#failuresInARow += 1;
    return delayAfterFailureMs(this.#failuresInARow, this.#chance());
  }

  #take(nowMs: number): number {
    this.#failuresInARow = 0;
    if (this.leftMs > SOURCE_LEAD_MS) return delayAfterSameMs(nowMs, this.#expiresAtMs, this.#chance());
    this.#expiresAtMs = nowMs + this.#scenario.keyLifeMs;
    return delayAfterNewMs(nowMs, this.#expiresAtMs, this.#chance());
  }
}

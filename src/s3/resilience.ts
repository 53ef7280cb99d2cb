import { HedgeTiming } from './hedge-timing.ts';
import { RetryBudget } from './retry-budget.ts';

/** How hard S3 is asked. */
export interface ResilienceSettings {
  /** Attempts before the head, in all. */
  readonly attempts: number;
  /** From the request's arrival, after which no attempt is begun. */
  readonly totalMs: number;
  /** Of a first attempt; later ones get twice as long (AWS: retry after 2 s, then after 4). */
  readonly firstByteTimeoutMs: number;
  /** How often one body may be taken up again. */
  readonly resumes: number;
  /** No hedge before that; undefined for no hedges at all. */
  readonly hedgeDelayMs: number | undefined;
}

/** What all requests of this process share, so that together they do not multiply an outage. */
export interface Resilience extends ResilienceSettings {
  readonly retryBudget: RetryBudget;
  readonly hedging: HedgeTiming | undefined;
}

export function createResilience(settings: ResilienceSettings): Resilience {
  const { hedgeDelayMs } = settings;
  return {
    ...settings,
    retryBudget: new RetryBudget(),
    hedging: hedgeDelayMs === undefined ? undefined : new HedgeTiming(hedgeDelayMs),
  };
}

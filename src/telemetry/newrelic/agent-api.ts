/**
 * The parts of `newrelic` 14 that are used; the package has no types. What is under `agent` is no documented interface:
 * the real agent is part of the tests.
 */
export interface NewRelicApi {
  /** Not in the stub that a disabled agent leaves behind. */
  readonly agent?: Agent;
  /** Runs the function with a new transaction, which ends with it; without one where the agent takes no data. */
  startWebTransaction(url: string, run: () => void): void;
  setTransactionName(name: string): void;
  addCustomAttributes(attributes: Readonly<Record<string, string | number>>): void;
  recordMetric(name: string, value: number): void;
  incrementMetric(name: string, value: number): void;
  shutdown(
    options: { readonly collectPendingData: boolean; readonly timeout: number },
    done: () => void,
  ): void;
}

/** An agent that runs. */
export interface RunningAgent extends NewRelicApi {
  readonly agent: Agent;
}

export interface Agent {
  once(event: 'started' | 'errored', listener: () => void): void;
  readonly tracer: {
    getTransaction(): Transaction | null;
    createSegment(options: {
      readonly name: string;
      readonly recorder: Recorder;
      readonly parent: Segment;
      readonly transaction: Transaction;
    }): Segment | null;
  };
  readonly errors: { add(transaction: Transaction, error: Error): void };
}

/** Says which metrics a segment is. @param scope - full name of the transaction */
export type Recorder = (segment: Segment, scope: string, transaction: Transaction) => void;

export interface Transaction {
  readonly timer: { start: number; durationInMillis: number };
  readonly trace: Segment;
  readonly baseSegment: Segment;
  statusCode: number | null;
  measure(metric: string, scope: string | null, durationMs: number, exclusiveMs: number): void;
  finalizeWeb(end: { readonly statusCode: number; readonly end: boolean }): void;
}

export interface Segment {
  setDurationInMillis(durationMs: number, startedAtMs: number): void;
  getDurationInMillis(): number;
  getExclusiveDurationInMillis(trace: Segment): number;
}

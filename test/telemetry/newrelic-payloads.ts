import type { FakeNewRelic } from '../servers/fake-new-relic.ts';

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** A transaction, or an error, as New Relic is told of it. */
export interface NewRelicEvent {
  readonly intrinsics: Attributes;
  /** Given by us. */
  readonly user: Attributes;
  /** Found by the agent. */
  readonly agent: Attributes;
}

/** All events of a kind that have arrived. */
export function readEvents(
  collector: FakeNewRelic,
  method: 'analytic_event_data' | 'error_event_data' | 'span_event_data',
): NewRelicEvent[] {
  const payloads = collector.payloads(method) as [string, unknown, [Attributes, Attributes, Attributes][]][];
  return payloads.flatMap(([, , events]) =>
    events.map(([intrinsics, user, agent]) => ({ intrinsics, user, agent })),
  );
}

export interface NewRelicMetric {
  readonly count: number;
  readonly total: number;
}

/** The metrics that belong to no transaction, summed over all processes and harvests. */
export function readMetrics(collector: FakeNewRelic): Map<string, NewRelicMetric> {
  const payloads = collector.payloads('metric_data') as [
    string,
    number,
    number,
    [{ name: string; scope?: string }, number[]][],
  ][];
  const sums = new Map<string, NewRelicMetric>();
  for (const [{ name, scope }, [count = 0, total = 0]] of payloads.flatMap(([, , , metrics]) => metrics)) {
    if (scope !== undefined) continue;
    const before = sums.get(name) ?? { count: 0, total: 0 };
    sums.set(name, { count: before.count + count, total: before.total + total });
  }
  return sums;
}

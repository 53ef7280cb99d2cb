import { formatTable } from '../text-table.ts';
import type { FleetRuns } from './draw-fleet.ts';
import type { FleetStep } from './fleet-counts.ts';
import { isDuring, type Period, type Scenario } from './scenario.ts';

/** A period of a scenario, in figures. */
export interface PeriodSummary {
  readonly name: string;
  /** Requests that S3 got for each of a client. */
  readonly attemptsPerRequest: number;
  /** Part of the clients' requests that were answered well. */
  readonly successShare: number;
}

/** Retries of a period's last requests come later; a step that begins near its end is left out. */
const SETTLE_MS = 10_000;

/** @returns the calm, the accidents, the brown-out and the time after it */
export function summariseFleet(steps: readonly FleetStep[], scenario: Scenario): PeriodSummary[] {
  const { accidents, brownOut, lengthMs } = scenario;
  const periods: readonly (Period & { readonly name: string })[] = [
    { name: 'calm', fromMs: 0, toMs: accidents.fromMs },
    { ...accidents, name: `${accidents.share * 100} % of answers are 500` },
    { ...brownOut, name: 'brown-out' },
    { name: 'after it', fromMs: brownOut.toMs + SETTLE_MS, toMs: lengthMs },
  ];
  return periods.map((period) => {
    const inside = steps.filter(({ fromMs }) =>
      isDuring({ ...period, toMs: period.toMs - SETTLE_MS }, fromMs),
    );
    const sum = (key: 'requests' | 'attempts' | 'successes'): number =>
      inside.reduce((total, step) => total + step[key], 0);
    const requests = sum('requests');
    return {
      name: period.name,
      attemptsPerRequest: sum('attempts') / requests,
      successShare: sum('successes') / requests,
    };
  });
}

/** Both runs side by side, in Markdown. */
export function formatFleet({ withBudget, withoutBudget }: FleetRuns, scenario: Scenario): string {
  const [on, off] = [summariseFleet(withBudget, scenario), summariseFleet(withoutBudget, scenario)];
  const head = ['', 'requests to S3 for each', 'without the budget', 'answered well', 'without the budget'];
  const rows = on.map(({ name, attemptsPerRequest, successShare }, at) => [
    name,
    attemptsPerRequest.toFixed(2),
    off[at]?.attemptsPerRequest.toFixed(2) ?? '',
    toPercent(successShare),
    toPercent(off[at]?.successShare ?? Number.NaN),
  ]);
  return formatTable(head, rows);
}

function toPercent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

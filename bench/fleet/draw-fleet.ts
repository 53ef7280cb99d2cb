import type { EChartsOption, LineSeriesOption } from 'echarts';
import { type Chart, drawSvg } from '../charts/draw-svg.ts';
import type { FleetStep } from './fleet-counts.ts';
import type { Period, Scenario } from './scenario.ts';

/** A fleet that lived through a scenario, once with the budget and once without. */
export interface FleetRuns {
  readonly withBudget: readonly FleetStep[];
  readonly withoutBudget: readonly FleetStep[];
}

const MINUTE_MS = 60_000;
const WITH = { name: 'with the retry budget', color: '#0072b2' };
const WITHOUT = { name: 'without a retry budget', color: '#d55e00' };
const HEIGHT = 560;

/** What retries do to S3 and for the clients, and how the credentials fare. */
export function drawFleet(runs: FleetRuns, scenario: Scenario): Chart[] {
  const source =
    `simulated: ${scenario.hosts} hosts, ${scenario.requestsPerSecond} requests/s, S3 serves ${scenario.capacity}/s and in the ` +
    `brown-out ${scenario.brownOut.capacity}/s; a refusal costs it ${scenario.refusalCost} of an answer`;
  const troubles: readonly (Period & { readonly name: string })[] = [
    { ...scenario.accidents, name: `${scenario.accidents.share * 100} % 500` },
    { ...scenario.brownOut, name: 'brown-out' },
  ];
  const amplification = (step: FleetStep): number => step.attempts / step.requests;
  const success = (step: FleetStep): number => (100 * step.successes) / step.requests;
  return [
    drawSvg({
      name: 'fleet-brown-out',
      title: 'A fleet in a brown-out of S3: requests to S3 for each of a client, and answered well, %',
      source,
      height: HEIGHT,
      option: twoPanels(['requests to S3 for each', 'answered well, %'], scenario, [
        ...bothLines(runs, amplification, 0, troubles),
        ...bothLines(runs, success, 1, troubles),
      ]),
    }),
    drawSvg({
      name: 'fleet-credentials',
      title: 'The same fleet’s credentials: fetches in 5 s, and the shortest life left, minutes',
      source: `${source}; keys live ${scenario.keyLifeMs / MINUTE_MS} min`,
      height: HEIGHT,
      option: twoPanels(['fetches in 5 s', 'shortest life left, min'], scenario, [
        ...credentialLines(runs.withBudget, { ...scenario.sourceOutage, name: 'the source answers nobody' }),
      ]),
    }),
  ];
}

function bothLines(
  { withBudget, withoutBudget }: FleetRuns,
  valueOf: (step: FleetStep) => number,
  panel: number,
  troubles: readonly (Period & { readonly name: string })[],
): LineSeriesOption[] {
  return [
    { ...line(withoutBudget, valueOf, panel), ...WITHOUT, markArea: shade(troubles) },
    { ...line(withBudget, valueOf, panel), ...WITH },
  ];
}

function credentialLines(
  steps: readonly FleetStep[],
  outage: Period & { readonly name: string },
): LineSeriesOption[] {
  const area = { markArea: shade([outage]) };
  return [
    { ...line(steps, ({ fetches }) => fetches, 0), name: 'fetches', color: '#0072b2', ...area },
    {
      ...line(steps, ({ leastKeyLifeMs }) => leastKeyLifeMs / MINUTE_MS, 1),
      name: 'shortest life left of all hosts',
      color: '#009e73',
      ...area,
    },
  ];
}

function line(
  steps: readonly FleetStep[],
  valueOf: (step: FleetStep) => number,
  panel: number,
): LineSeriesOption {
  return {
    type: 'line',
    xAxisIndex: panel,
    yAxisIndex: panel,
    symbol: 'none',
    silent: true,
    lineStyle: { width: 2 },
    data: steps.map((step) => [step.fromMs / MINUTE_MS, Number(valueOf(step).toFixed(3))]),
  };
}

function shade(
  periods: readonly (Period & { readonly name: string })[],
): NonNullable<LineSeriesOption['markArea']> {
  return {
    silent: true,
    itemStyle: { color: '#f2e5d0' },
    label: { color: '#59636e', fontSize: 11, position: 'insideTop' },
    data: periods.map(({ name, fromMs, toMs }) => [
      { name, xAxis: fromMs / MINUTE_MS },
      { xAxis: toMs / MINUTE_MS },
    ]),
  };
}

function twoPanels(
  units: readonly [string, string],
  { lengthMs }: Scenario,
  series: LineSeriesOption[],
): EChartsOption {
  const tops = [84, 304];
  return {
    grid: tops.map((top) => ({ left: 70, right: 24, top, height: 170 })),
    xAxis: tops.map((_, gridIndex) => ({
      gridIndex,
      type: 'value' as const,
      max: lengthMs / MINUTE_MS,
      ...(gridIndex === 1 ? { name: 'minutes', nameLocation: 'middle' as const, nameGap: 26 } : {}),
    })),
    yAxis: units.map((name, gridIndex) => ({
      gridIndex,
      type: 'value' as const,
      name,
      nameLocation: 'middle' as const,
      nameGap: 46,
      min: 0,
    })),
    series,
  };
}

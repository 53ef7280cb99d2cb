import { GROWING_SIZES } from '../cells.ts';
import type { GrowthPoint } from '../measure-growth.ts';
import { curves } from './curves.ts';
import { type Chart, drawSvg } from './draw-svg.ts';

interface Growth {
  readonly over: GrowthPoint['over'];
  readonly name: string;
  readonly along: string;
  readonly isLogarithmic: boolean;
}

const GROWTHS: readonly Growth[] = [
  { over: 'object size', name: 'bench-growth-size', along: 'object size', isLogarithmic: true },
  { over: 'connections', name: 'bench-growth-connections', along: 'open connections', isLogarithmic: false },
  { over: 'routes', name: 'bench-growth-routes', along: 'configured routes', isLogarithmic: false },
];

/** How the CPU time of a request grows. */
export function drawGrowth(points: readonly GrowthPoint[], source: string): Chart[] {
  return GROWTHS.flatMap(({ over, name, along, isLogarithmic }) => {
    const shown = points.filter((point) => point.over === over);
    if (shown.length === 0) return [];
    const variants = [...new Set(shown.map(({ variant }) => variant))].map((variant) => ({
      variant,
      points: shown
        .filter((point) => point.variant === variant)
        .map(({ at, cpuUs }) => ({ at, value: cpuUs })),
    }));
    return [
      drawSvg({
        name,
        title: `CPU time for one request by ${along}, µs`,
        source,
        option: curves({ along, nameOf: nameOfStep(over), unit: 'µs', isLogarithmic, variants }),
      }),
    ];
  });
}

function nameOfStep(over: GrowthPoint['over']): (at: number) => string {
  if (over !== 'object size') return (at) => String(at);
  return (at) => GROWING_SIZES.find(({ objectBytes }) => objectBytes === at)?.label ?? `${at} B`;
}

import type { EChartsOption } from 'echarts';
import type { Spread } from '../summary.ts';
import { styleOf } from './variant-style.ts';

export interface Curves {
  /** What the axis along counts, with its unit. */
  readonly along: string;
  /** Writes a value of the axis along. */
  readonly nameOf: (at: number) => string;
  /** What the upward axis counts, with its unit. */
  readonly unit: string;
  /** Whether the upward axis doubles in equal steps too. */
  readonly isLogarithmic: boolean;
  readonly variants: readonly CurveOfVariant[];
}

export interface CurveOfVariant {
  readonly variant: string;
  readonly points: readonly { readonly at: number; readonly value: Spread }[];
}

/** Medians joined by lines, over an axis on which each measured step has the same width. */
export function curves({ along, nameOf, unit, isLogarithmic, variants }: Curves): EChartsOption {
  const steps = [...new Set(variants.flatMap(({ points }) => points.map(({ at }) => at)))].sort(
    (one, other) => one - other,
  );
  return {
    xAxis: {
      type: 'category',
      data: steps.map(nameOf),
      name: along,
      nameLocation: 'middle',
      nameGap: 28,
      boundaryGap: false,
    },
    yAxis: {
      type: isLogarithmic ? 'log' : 'value',
      name: unit,
      nameLocation: 'middle',
      nameGap: 50,
      ...(isLogarithmic ? {} : { min: 0 }),
    },
    series: variants.map(({ variant, points }, position) => {
      const { label, colour } = styleOf(variant, position);
      return {
        type: 'line',
        name: label,
        color: colour,
        silent: true,
        symbol: 'circle',
        symbolSize: 7,
        lineStyle: { width: 2 },
        data: points.map(({ at, value }) => [steps.indexOf(at), value.median]),
      };
    }),
  };
}

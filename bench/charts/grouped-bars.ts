import type { CustomSeriesOption, EChartsOption } from 'echarts';
import type { Spread } from '../summary.ts';
import { formatNumber } from '../text-table.ts';
import { styleOf, TARGET_COLOUR } from './variant-style.ts';

export interface BarGroups {
  /** Named along the axis. */
  readonly categories: readonly string[];
  /** What the upward axis counts, with its unit. */
  readonly unit: string;
  readonly variants: readonly BarsOfVariant[];
  /** One for each category, drawn across it; undefined for none. */
  readonly targets?: readonly (number | undefined)[];
}

export interface BarsOfVariant {
  readonly variant: string;
  /** One for each category. */
  readonly values: readonly (Spread | undefined)[];
}

type RenderItem = NonNullable<CustomSeriesOption['renderItem']>;
type Drawing = NonNullable<ReturnType<RenderItem>>;

/** Part of a category's width that its bars take together. */
const FILLED = 0.84;

/** Medians as bars side by side, the least and the most as whiskers, targets as dashes. */
export function groupedBars({ categories, unit, variants, targets = [] }: BarGroups): EChartsOption {
  const bars = variants.map(({ variant, values }, at): CustomSeriesOption => {
    const { label, colour } = styleOf(variant, at);
    return {
      type: 'custom',
      name: label,
      color: colour,
      silent: true,
      renderItem: barAt(at, variants.length, colour),
      encode: { x: 0, y: [1, 2, 3] },
      data: values.flatMap((value, category) =>
        value === undefined ? [] : [[category, value.median, value.least, value.most]],
      ),
    };
  });
  const known = targets.flatMap((target, category) => (target === undefined ? [] : [[category, target]]));
  const dashes: CustomSeriesOption[] =
    known.length === 0
      ? []
      : [
          {
            type: 'custom',
            name: 'target, at most',
            color: TARGET_COLOUR,
            silent: true,
            renderItem: dashAcross,
            encode: { x: 0, y: 1 },
            data: known,
          },
        ];
  return {
    xAxis: { type: 'category', data: [...categories], axisTick: { show: false } },
    yAxis: { type: 'value', name: unit, min: 0, nameLocation: 'middle', nameGap: 46 },
    series: [...bars, ...dashes],
  };
}

function barAt(position: number, count: number, colour: string): RenderItem {
  return (_, api) => {
    const [category = 0, median = 0, least = 0, most = 0] = [0, 1, 2, 3].map((at) => Number(api.value(at)));
    const width = (bandWidth(api) * FILLED) / count;
    const [middle = 0, top = 0] = api.coord([category, median]);
    const [, floor = 0] = api.coord([category, 0]);
    const [, highest = 0] = api.coord([category, most]);
    const [, lowest = 0] = api.coord([category, least]);
    const left = middle + width * (position - count / 2);
    const centre = left + width / 2;
    const line = { stroke: '#1f2328', lineWidth: 1 };
    const whisker = (x1: number, y1: number, x2: number, y2: number): Drawing => ({
      type: 'line',
      shape: { x1, y1, x2, y2 },
      style: line,
    });
    return {
      type: 'group',
      children: [
        {
          type: 'rect',
          shape: { x: left, y: top, width: width - 2, height: floor - top },
          style: { fill: colour },
        },
        whisker(centre, lowest, centre, highest),
        whisker(centre - 4, lowest, centre + 4, lowest),
        whisker(centre - 4, highest, centre + 4, highest),
        {
          type: 'text',
          style: {
            text: formatNumber(median),
            x: centre,
            y: highest - 4,
            fill: '#1f2328',
            fontSize: 10,
            fontFamily: 'sans-serif',
            align: 'center',
            verticalAlign: 'bottom',
          },
        },
      ],
    };
  };
}

const dashAcross: RenderItem = (_, api) => {
  const [x = 0, y = 0] = api.coord([Number(api.value(0)), Number(api.value(1))]);
  const half = (bandWidth(api) * FILLED) / 2;
  return {
    type: 'line',
    shape: { x1: x - half, y1: y, x2: x + half, y2: y },
    style: { stroke: TARGET_COLOUR, lineWidth: 2, lineDash: [6, 4] },
  };
};

function bandWidth(api: Parameters<RenderItem>[1]): number {
  const size = api.size?.([1, 0]) ?? 0;
  return Array.isArray(size) ? (size[0] ?? 0) : size;
}

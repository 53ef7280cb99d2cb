import { HEADLINE_CONNECTIONS, SIZES } from '../cells.ts';
import type { CellSummary, Spread } from '../summary.ts';
import { RATIO_TARGETS } from '../targets.ts';
import type { Protocol } from '../upstream-server.ts';
import { type Chart, drawSvg } from './draw-svg.ts';
import { type BarsOfVariant, groupedBars } from './grouped-bars.ts';
import { scaleSpread } from '../scale-spread.ts';

const PROTOCOLS: Readonly<Record<Protocol, string>> = { http: 'HTTP', https: 'TLS' };
const GIGABITS_PER_BYTE = 8e-9;

/** CPU ratios and throughput by size and variant, towards S3 over HTTP and over TLS. */
export function drawCells(cells: readonly CellSummary[], source: string): Chart[] {
  return (['http', 'https'] as const).flatMap((protocol) => {
    const shown = cells.filter(
      (cell) => cell.protocol === protocol && cell.connections === HEADLINE_CONNECTIONS,
    );
    const sizes = SIZES.map(({ label }) => label).filter((label) => shown.some(({ size }) => size === label));
    const at = `${HEADLINE_CONNECTIONS} connections, S3 over ${PROTOCOLS[protocol]}`;
    const ratios = collect(shown, sizes, ({ ratio }) => ratio);
    const rates = collect(shown, sizes, ({ bytesPerSecond }) =>
      scaleSpread(bytesPerSecond, GIGABITS_PER_BYTE),
    );
    if (ratios.length === 0 || rates.length === 0) return [];
    return [
      drawSvg({
        name: `bench-ratio-${protocol}`,
        title: `CPU time for one request, ratio to unsigned nginx; ${at}`,
        source,
        option: groupedBars({
          categories: sizes,
          unit: 'times nginx',
          variants: ratios,
          targets: sizes.map((size) => RATIO_TARGETS[protocol][size]),
        }),
      }),
      drawSvg({
        name: `bench-throughput-${protocol}`,
        title: `Throughput with one core for the proxy, Gbit/s; ${at}`,
        source,
        option: groupedBars({ categories: sizes, unit: 'Gbit/s', variants: rates }),
      }),
    ];
  });
}

/** The bars of every variant for which there is such a value. */
function collect(
  cells: readonly CellSummary[],
  sizes: readonly string[],
  valueOf: (cell: CellSummary) => Spread | undefined,
): BarsOfVariant[] {
  const variants = [...new Set(cells.map(({ variant }) => variant))];
  return variants
    .map((variant) => ({
      variant,
      values: sizes.map((size) => {
        const cell = cells.find((one) => one.variant === variant && one.size === size);
        return cell && valueOf(cell);
      }),
    }))
    .filter(({ values }) => values.some((value) => value !== undefined));
}

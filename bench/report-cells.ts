import { HEADLINE_CONNECTIONS, SIZES } from './cells.ts';
import type { AddedLatency, CellSummary, Spread } from './summary.ts';
import { RATIO_TARGETS } from './targets.ts';
import { formatNumber, formatTable } from './text-table.ts';
import type { Protocol } from './upstream-server.ts';

/** The ratios at sixteen connections, a line for each variant and one for the target. */
export function reportRatios(cells: readonly CellSummary[], protocol: Protocol): string {
  const shown = cells.filter(
    (cell) => cell.protocol === protocol && cell.connections === HEADLINE_CONNECTIONS,
  );
  const sizes = SIZES.filter(({ label }) => shown.some(({ size }) => size === label)).map(
    ({ label }) => label,
  );
  if (sizes.length === 0) return '';
  const variants = [
    ...new Set(shown.filter(({ ratio }) => ratio !== undefined).map(({ variant }) => variant)),
  ];
  const rows = variants.map((variant) => [
    variant,
    ...sizes.map((size) => {
      const ratio = shown.find((cell) => cell.variant === variant && cell.size === size)?.ratio;
      return ratio === undefined ? '' : formatSpread(ratio);
    }),
  ]);
  const targets = [
    '(target)',
    ...sizes.map((size) => `≤ ${RATIO_TARGETS[protocol][size]?.toFixed(2) ?? '–'}`),
  ];
  return formatTable([`S3 over ${protocol}`, ...sizes], [...rows, targets]);
}

/** Everything about every cell. */
export function reportCells(cells: readonly CellSummary[], protocol: Protocol): string {
  const rows = cells
    .filter((cell) => cell.protocol === protocol)
    .map((cell) => [
      `${cell.size}, ${cell.connections}`,
      cell.variant,
      cell.cpuUs === undefined ? '' : formatNumber(cell.cpuUs.median),
      cell.ratio === undefined ? '' : formatSpread(cell.ratio),
      cell.requestsPerSecond.median.toFixed(0),
      formatNumber(cell.bytesPerSecond.median / 1e6),
      formatNumber(cell.p50Us.median / 1e3),
      formatNumber(cell.p99Us.median / 1e3),
    ]);
  const head = ['cell', 'variant', 'CPU µs/req', 'ratio', 'req/s', 'MB/s', 'p50 ms', 'p99 ms'];
  return rows.length === 0
    ? ''
    : formatTable([`S3 over ${protocol}: ${head[0] ?? ''}`, ...head.slice(1)], rows);
}

export function reportLatencies(latencies: readonly AddedLatency[]): string {
  const rows = latencies.map(({ protocol, variant, size, addedP50Us }) => [
    `${variant}, S3 over ${protocol}, ${size}`,
    formatSpread({
      median: addedP50Us.median / 1e3,
      least: addedP50Us.least / 1e3,
      most: addedP50Us.most / 1e3,
    }),
  ]);
  return rows.length === 0 ? '' : formatTable(['added at one connection', 'p50 ms'], rows);
}

/** `2.31 (2.20–2.45)` */
export function formatSpread({ median, least, most }: Spread): string {
  return least === most
    ? formatNumber(median)
    : `${formatNumber(median)} (${formatNumber(least)}–${formatNumber(most)})`;
}

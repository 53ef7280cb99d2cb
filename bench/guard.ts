import type { CellSummary } from './summary.ts';
import { GUARD_LIMITS } from './targets.ts';
import { formatNumber } from './text-table.ts';
import { DIRECT, LIMIT } from './variants.ts';

/** Holds the program's ratios against wide limits. @returns a sentence for each that is above, or that is missing */
export function findRegressions(cells: readonly CellSummary[], variant: string): string[] {
  if (variant === LIMIT || variant === DIRECT) throw new Error(`${variant} is not the program`);
  return Object.entries(GUARD_LIMITS).flatMap(([protocol, limits]) =>
    Object.entries(limits).flatMap(([size, limit]) => {
      const cell = cells.find(
        (candidate) =>
          candidate.protocol === protocol && candidate.size === size && candidate.variant === variant,
      );
      const ratio = cell?.ratio?.median;
      const where = `${variant}, S3 over ${protocol}, ${size}`;
      if (ratio === undefined) return [`${where}: not measured`];
      return ratio <= limit ? [] : [`${where}: ${formatNumber(ratio)} times nginx's CPU, above ${limit}`];
    }),
  );
}

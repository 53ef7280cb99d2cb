import type { Spread } from './summary.ts';

/** The same in another unit. */
export function scaleSpread({ median, least, most }: Spread, by: number): Spread {
  return { median: median * by, least: least * by, most: most * by };
}

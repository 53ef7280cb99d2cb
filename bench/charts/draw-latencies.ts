import { SIZES } from '../cells.ts';
import type { AddedLatency } from '../summary.ts';
import { ADDED_LATENCY_TARGET_US } from '../targets.ts';
import { type Chart, drawSvg } from './draw-svg.ts';
import { groupedBars } from './grouped-bars.ts';
import { scaleSpread } from '../scale-spread.ts';

/** What a proxy adds at one connection, towards S3 over HTTP and over TLS. */
export function drawLatencies(latencies: readonly AddedLatency[], source: string): Chart[] {
  return [
    { protocol: 'http', words: 'HTTP' },
    { protocol: 'https', words: 'TLS' },
  ].flatMap(({ protocol, words }) => {
    const shown = latencies.filter((latency) => latency.protocol === protocol);
    if (shown.length === 0) return [];
    const sizes = SIZES.map(({ label }) => label).filter((label) => shown.some(({ size }) => size === label));
    const variants = [...new Set(shown.map(({ variant }) => variant))].map((variant) => ({
      variant,
      values: sizes.map((size) => {
        const added = shown.find((one) => one.variant === variant && one.size === size)?.addedP50Us;
        return added && scaleSpread(added, 1e-3);
      }),
    }));
    return [
      drawSvg({
        name: `bench-latency-${protocol}`,
        title: `Added to the median latency at one connection, ms; S3 over ${words}`,
        source,
        option: groupedBars({
          categories: sizes,
          unit: 'ms',
          variants,
          targets: sizes.map(() => ADDED_LATENCY_TARGET_US / 1e3),
        }),
      }),
    ];
  });
}

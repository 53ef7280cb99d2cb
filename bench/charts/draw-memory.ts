import type { Memory } from '../measure-memory.ts';
import { IDLE_TARGET_BYTES, STREAMING_TARGET_BYTES } from '../targets.ts';
import { type Chart, drawSvg } from './draw-svg.ts';
import { groupedBars } from './grouped-bars.ts';
import { scaleSpread } from '../scale-spread.ts';

const MEGABYTES_PER_BYTE = 1e-6;

/** Resident memory, idle and with streams open. */
export function drawMemory(memory: readonly Memory[], source: string): Chart[] {
  const [first] = memory;
  if (first === undefined) return [];
  const targets = [IDLE_TARGET_BYTES, STREAMING_TARGET_BYTES].map((bytes) => bytes * MEGABYTES_PER_BYTE);
  return [
    drawSvg({
      name: 'bench-memory',
      title: 'Resident memory of the proxy, MB',
      source,
      option: groupedBars({
        categories: ['idle', `${first.streams} open streams`],
        unit: 'MB',
        variants: memory.map(({ variant, idleBytes, streamingBytes }) => ({
          variant,
          values: [{ median: idleBytes, least: idleBytes, most: idleBytes }, streamingBytes].map((spread) =>
            scaleSpread(spread, MEGABYTES_PER_BYTE),
          ),
        })),
        targets,
      }),
    }),
  ];
}

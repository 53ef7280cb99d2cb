import { scaleSpread } from './scale-spread.ts';
import { formatSpread } from './report-cells.ts';
import type { Results } from './results.ts';
import {
  ADDED_LATENCY_TARGET_US,
  IDLE_TARGET_BYTES,
  SIGNING_TARGET_US,
  START_UP_TARGET_MS,
  STREAMING_TARGET_BYTES,
} from './targets.ts';
import { formatNumber, formatTable } from './text-table.ts';

/** Start-up, memory, signing and workers, each beside its target. */
export function reportFigures({ signing, startUp, memory, workers }: Results): string {
  const rows: string[][] = signing.map(({ signer, medianUs, leastUs, mostUs }) => [
    `signing, µs: ${signer}`,
    formatSpread({ median: medianUs, least: leastUs, most: mostUs }),
    signer === 'reference' ? '' : `≤ ${SIGNING_TARGET_US}`,
  ]);
  if (startUp !== undefined) {
    rows.push(['listening after, ms', formatSpread(startUp.listeningMs), `≤ ${START_UP_TARGET_MS}`]);
    rows.push(['a Node that does nothing, ms', formatSpread(startUp.bareNodeMs), '']);
  }
  for (const { variant, idleBytes, streamingBytes, streams } of memory) {
    const isOurs = variant !== 'nginx';
    rows.push([
      `RSS idle, MB: ${variant}`,
      formatNumber(idleBytes / 1e6),
      isOurs ? `≤ ${IDLE_TARGET_BYTES / 1e6}` : '',
    ]);
    rows.push([
      `RSS with ${streams} open streams, MB: ${variant}`,
      formatSpread(scaleSpread(streamingBytes, 1e-6)),
      isOurs ? `≤ ${STREAMING_TARGET_BYTES / 1e6}` : '',
    ]);
  }
  for (const { workers: count, size, cpuUs } of workers)
    rows.push([
      `CPU µs/req, ${count} ${count === 1 ? 'worker' : 'workers'}, ${size}`,
      formatSpread(cpuUs),
      '',
    ]);
  return rows.length === 0 ? '' : formatTable(['', 'median (least–most)', 'target'], rows);
}

export function reportGrowth({ growth }: Results): string {
  const rows = growth.map(({ over, variant, at, cpuUs, residentBytes }) => [
    `${variant}, ${over} ${at}`,
    formatSpread(cpuUs),
    over === 'object size' ? formatNumber((cpuUs.median / at) * 1e6) : '',
    formatNumber(residentBytes / 1e6),
  ]);
  return rows.length === 0 ? '' : formatTable(['growth', 'CPU µs/req', 'CPU µs/MB', 'RSS MB'], rows);
}

export const ADDED_LATENCY_NOTE = `The target for the added latency is ${ADDED_LATENCY_TARGET_US / 1e3} ms.`;

import { bodyBytes, HEADLINE_CONNECTIONS, SIZES } from './cells.ts';
import type { Results } from './results.ts';
import type { CellSummary } from './summary.ts';
import { formatNumber, formatTable } from './text-table.ts';
import { CLIENTS, PROGRAM } from './variants.ts';

/** For the columns that speak of a host. */
const HOST_BITS_PER_SECOND = 10e9;
/** How the program's variants are called. */
const OURS: readonly string[] = [...CLIENTS, PROGRAM];
/** GET and HEAD for each partitioned prefix (AWS, "Best practices design patterns: optimizing Amazon S3 performance"). */
const S3_REQUESTS_PER_PREFIX = 5500;

const HEAD = [
  'reads of',
  'CPU for one, µs',
  'reads/s for one core',
  'Gbit/s for one core',
  'cores for 10 Gbit/s',
  'reads/s for 10 Gbit/s',
  'S3 prefixes for that',
];

/** What a core of the daemon can do by size of the reads, and what a host of 10 Gbit/s takes; in Markdown. */
export function formatCapacity({ cells, revision, machine }: Results): string {
  const ours = cells.filter(
    ({ variant, connections, cpuUs }) =>
      connections === HEADLINE_CONNECTIONS && cpuUs !== undefined && OURS.includes(variant),
  );
  // TLS is how AWS is asked.
  const protocol = ours.some((cell) => cell.protocol === 'https') ? 'https' : 'http';
  const variant = OURS.find((name) =>
    ours.some((cell) => cell.protocol === protocol && cell.variant === name),
  );
  const rows = ours.filter((cell) => cell.protocol === protocol && cell.variant === variant).flatMap(toRow);
  if (rows.length === 0) return 'Not measured yet.';
  const where = `S3 over ${protocol === 'https' ? 'TLS' : 'HTTP'}, client ${variant ?? ''}`;
  return (
    `${where}, ${HEADLINE_CONNECTIONS} connections; ${machine.processor}, Node ${machine.node}, ${revision}:\n\n` +
    formatTable(HEAD, rows)
  );
}

function toRow({ size, cpuUs }: CellSummary): string[][] {
  const object = SIZES.find(({ label }) => label === size);
  if (object === undefined || cpuUs === undefined) return [];
  const readsPerCore = 1e6 / cpuUs.median;
  const bits = bodyBytes(object) * 8;
  const readsOfHost = HOST_BITS_PER_SECOND / bits;
  return [
    [
      size,
      formatNumber(cpuUs.median),
      readsPerCore.toFixed(0),
      formatNumber((readsPerCore * bits) / 1e9),
      formatNumber(readsOfHost / readsPerCore),
      readsOfHost.toFixed(0),
      Math.ceil(readsOfHost / S3_REQUESTS_PER_PREFIX).toFixed(0),
    ],
  ];
}

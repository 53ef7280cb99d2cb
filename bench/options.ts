import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Cell, CONNECTIONS, HEADLINE_CONNECTIONS, QUARTER_RANGE, SIZES, SMALLEST } from './cells.ts';
import { PROJECT } from './program.ts';
import type { Protocol } from './upstream-server.ts';

export const PARTS = ['signing', 'cells', 'startup', 'memory', 'workers', 'growth'] as const;
export type Part = (typeof PARTS)[number];

/** What one run measures. */
export interface Options {
  readonly mode: 'quick' | 'medium' | 'full' | 'profile' | 'draw';
  readonly parts: ReadonlySet<Part>;
  readonly cells: readonly Cell[];
  readonly protocols: readonly Protocol[];
  /** Names of variants; undefined takes all. */
  readonly variants: readonly string[] | undefined;
  readonly rounds: number;
  /** Of each measurement; whole ones, as wrk wants them. */
  readonly seconds: number;
  /** How long each measurement waits for other programs to be quiet. */
  readonly patienceSeconds: number;
  /** The checkout whose program is measured. */
  readonly source: string;
  readonly contendersFile: string;
  readonly outputFile: string;
}

const PROTOCOLS: readonly Protocol[] = ['http', 'https'];

export const USAGE = `Usage: npm run bench -- [options]

  --quick              a guard for CI: four cells, exit code 1 where a cost is far above what it was
  --full               all cells, and how cost grows; then draws the charts of docs/performance.md
  --draw               measures nothing: draws the charts anew from the last output
  --profile            a CPU profile of the program in the first of the cells, for each protocol;
                       1 KB and 16 connections unless given
  --only PARTS         of ${PARTS.join(', ')}
  --protocols LIST     of http, https: towards S3
  --variants LIST      of nginx, nginx-64k, direct, the program's clients, metrics (all of them on), contenders
  --sizes LIST         as the tables call them: "1 KB,8 MB"
  --connections LIST   such as 1,16,64
  --rounds N           5 unless given
  --seconds N          of each measurement; 2 unless given
  --patience N         seconds that each measurement waits for other programs to be quiet; 0 unless given
  --source DIR         a checkout, with whose sources the program is built; this one unless given
  --contenders FILE    other proxies; bench/contenders.yml unless given
  --help               this
  --output FILE        bench/results/latest.json unless given
`;

/** @throws {Error} that says what is wrong */
export function readOptions(argv: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      quick: { type: 'boolean' },
      full: { type: 'boolean' },
      profile: { type: 'boolean' },
      draw: { type: 'boolean' },
      only: { type: 'string' },
      protocols: { type: 'string' },
      variants: { type: 'string' },
      sizes: { type: 'string' },
      connections: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      patience: { type: 'string' },
      source: { type: 'string', default: PROJECT },
      contenders: { type: 'string', default: join(import.meta.dirname, 'contenders.yml') },
      output: { type: 'string', default: join(import.meta.dirname, 'results', 'latest.json') },
    },
  });
  const modes = ['draw', 'profile', 'quick', 'full'] as const;
  const mode = modes.find((name) => values[name]) ?? 'medium';
  return {
    mode,
    parts: new Set(values.only === undefined ? PARTS_OF[mode] : pick(values.only, PARTS)),
    cells: pickCells(mode, values.sizes, values.connections),
    protocols: values.protocols === undefined ? PROTOCOLS : pick(values.protocols, PROTOCOLS),
    variants: values.variants?.split(','),
    rounds: toCount(values.rounds ?? (mode === 'quick' ? '3' : '5')),
    seconds: toCount(values.seconds ?? (mode === 'quick' ? '1' : '2')),
    patienceSeconds: values.patience === undefined ? 0 : toCount(values.patience),
    source: values.source,
    contendersFile: values.contenders,
    outputFile: values.output,
  };
}

const PARTS_OF: Readonly<Record<Options['mode'], readonly Part[]>> = {
  quick: ['cells'],
  medium: ['signing', 'cells', 'startup', 'memory', 'workers'],
  full: PARTS,
  profile: [],
  draw: [],
};

function pickCells(mode: Options['mode'], sizes?: string, connections?: string): Cell[] {
  const labels = SIZES.map(({ label }) => label);
  if (sizes !== undefined || connections !== undefined) {
    const wanted = sizes === undefined ? labels : pick(sizes, labels);
    const counts = connections === undefined ? [HEADLINE_CONNECTIONS] : connections.split(',').map(toCount);
    return SIZES.filter(({ label }) => wanted.includes(label)).flatMap((size) =>
      counts.map((count) => ({ size, connections: count })),
    );
  }
  const at = (count: number) => (size: (typeof SIZES)[number]) => ({ size, connections: count });
  if (mode === 'quick') return [SMALLEST, QUARTER_RANGE].map(at(HEADLINE_CONNECTIONS));
  if (mode === 'full')
    return SIZES.flatMap((size) => CONNECTIONS.map((count) => ({ size, connections: count })));
  return [...SIZES.map(at(HEADLINE_CONNECTIONS)), at(1)(SMALLEST), at(64)(SMALLEST)];
}

function pick<T extends string>(list: string, known: readonly T[]): T[] {
  return list.split(',').map((name) => {
    const found = known.find((one) => one === name.trim());
    if (found === undefined) throw new Error(`${name} is not one of ${known.join(', ')}`);
    return found;
  });
}

function toCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 10_000)
    throw new Error(`${text} is no whole number above 0`);
  return count;
}

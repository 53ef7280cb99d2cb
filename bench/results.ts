import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Machine } from './machine.ts';
import type { GrowthPoint } from './measure-growth.ts';
import type { Memory } from './measure-memory.ts';
import type { Sample } from './measure-sample.ts';
import type { SigningCost } from './measure-signing.ts';
import type { StartUp } from './measure-start-up.ts';
import type { WorkersCost } from './measure-workers.ts';
import type { AddedLatency, CellSummary } from './summary.ts';

/** The file of one run; a chart, a table and a comparison of two runs need nothing else. */
export interface Results {
  /** Changes when a reader of an older file would misread it. */
  readonly format: 1;
  readonly startedAt: string;
  readonly revision: string;
  readonly machine: Machine;
  /** How it was run. */
  readonly rounds: number;
  readonly secondsPerSample: number;
  cells: CellSummary[];
  addedLatency: AddedLatency[];
  signing: SigningCost[];
  startUp: StartUp | undefined;
  memory: Memory[];
  workers: WorkersCost[];
  growth: GrowthPoint[];
  /** Each as it was measured; all of `cells` is computed from them. */
  readonly samples: Sample[];
  /** Sentences; what they speak of is missing or incomplete above. */
  readonly failures: string[];
}

/** Reads what `writeResults` wrote. @throws {Error} where it is of another format, or missing */
export function readResults(file: string): Results {
  const results = JSON.parse(readFileSync(file, 'utf8')) as Results;
  if ((results.format as number) !== 1) throw new Error(`${file} is of format ${results.format}, not 1`);
  return results;
}

export function writeResults(file: string, results: Results): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`);
}

import { measureCells } from './measure-cells.ts';
import { measureGrowth } from './measure-growth.ts';
import { measureMemory } from './measure-memory.ts';
import { measureSigning } from './measure-signing.ts';
import { measureStartUp } from './measure-start-up.ts';
import { measureWorkers } from './measure-workers.ts';
import type { Options, Part } from './options.ts';
import type { Results } from './results.ts';
import { compareLatencies, summarise } from './summary.ts';
import { type Bench, LIMIT, PROGRAM } from './variants.ts';

/** Measures what is asked for, part by part, into the results; a part that fails leaves a sentence there. */
export async function measureParts(bench: Bench, options: Options, results: Results): Promise<void> {
  const progress = (sentence: string): void => void process.stderr.write(`${sentence}\n`);
  const failure = (sentence: string): void => {
    results.failures.push(sentence);
    progress(sentence);
  };
  const measure: Readonly<Record<Part, () => Promise<void>>> = {
    signing: async () => {
      results.signing = await measureSigning(bench.cores.proxy);
    },
    startup: async () => {
      results.startUp = await measureStartUp(bench);
    },
    memory: async () => {
      results.memory = await measureMemory(bench);
    },
    cells: async () => {
      const { samples } = results;
      const plan = { ...options, variants: options.variants ?? variantsOf(bench, options) };
      await measureCells(bench, plan, { sample: (sample) => samples.push(sample), failure, progress });
      results.cells = summarise(samples);
      results.addedLatency = compareLatencies(samples);
    },
    workers: async () => {
      results.workers = await measureWorkers(bench, options);
    },
    growth: async () => {
      const { growth } = results;
      await measureGrowth(bench, options, { point: (point) => growth.push(point), failure, progress });
    },
  };
  for (const part of options.parts) {
    progress(`measuring ${part}`);
    try {
      await measure[part]();
    } catch (error) {
      failure(`${part}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

/** The guard needs no more than the program as it is by default, and what it is held against. */
function variantsOf({ clients }: Bench, { mode }: Options): string[] | undefined {
  return mode === 'quick' ? [LIMIT, clients[0] ?? PROGRAM] : undefined;
}

import { type Cell, HEADLINE_CONNECTIONS, LARGEST, SMALLEST } from './cells.ts';
import { checkVariant } from './check-variant.ts';
import { measureSample, type Sample, WARM_UP_SECONDS } from './measure-sample.ts';
import type { Protocol } from './upstream-server.ts';
import { type Bench, listVariants, METRICS, type Variant } from './variants.ts';

export interface CellPlan {
  readonly cells: readonly Cell[];
  readonly protocols: readonly Protocol[];
  /** Names of the variants; undefined takes all. */
  readonly variants: readonly string[] | undefined;
  readonly rounds: number;
  readonly seconds: number;
  readonly patienceSeconds: number;
}

/** Takes what was measured as it comes, so that a run that breaks off loses nothing. */
export interface Recorder {
  sample(sample: Sample): void;
  /** A variant that fails is left out from then on. */
  failure(sentence: string): void;
  progress(sentence: string): void;
}

/**
 * Measures every variant in every cell, round after round. Within a cell of a round the variants follow each other at
 * once, each round beginning with another, so that what else the machine does falls on all of them alike.
 */
export async function measureCells(bench: Bench, plan: CellPlan, recorder: Recorder): Promise<void> {
  const lineups = new Map<Protocol, Variant[]>();
  for (const protocol of plan.protocols)
    lineups.set(protocol, await startLineup(bench, { ...plan, protocol }, recorder));
  for (let round = 1; round <= plan.rounds; round += 1) {
    for (const [protocol, lineup] of lineups) {
      recorder.progress(`round ${round} of ${plan.rounds}, S3 over ${protocol}`);
      for (const cell of plan.cells) {
        const order = rotate(lineup, round - 1);
        for (const variant of order) {
          const sample = measureSample(variant, cell, {
            round,
            seconds: plan.seconds,
            loadCores: bench.cores.load,
            patienceSeconds: plan.patienceSeconds,
          });
          await keepOrDrop(sample, lineup, variant, recorder);
        }
      }
    }
  }
  for (const variant of [...lineups.values()].flat()) await variant.stop();
}

/** Starts the wanted variants, checks what they serve, and has each compile what it will run. */
async function startLineup(
  bench: Bench,
  { protocol, variants, seconds, patienceSeconds }: CellPlan & { protocol: Protocol },
  recorder: Recorder,
): Promise<Variant[]> {
  const lineup: Variant[] = [];
  for (const [name, start] of listVariants(bench, protocol)) {
    if (variants === undefined ? name === METRICS : !variants.includes(name)) continue;
    try {
      const variant = await start();
      await checkVariant(variant, bench.upstream);
      for (const [size, warmUpSeconds] of [
        [SMALLEST, WARM_UP_SECONDS],
        [LARGEST, seconds],
      ] as const) {
        const cell = { size, connections: HEADLINE_CONNECTIONS };
        await measureSample(variant, cell, {
          round: 0,
          seconds: warmUpSeconds,
          loadCores: bench.cores.load,
          patienceSeconds,
        });
      }
      lineup.push(variant);
    } catch (error) {
      recorder.failure(`${name} (${protocol}): ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return lineup;
}

async function keepOrDrop(
  sample: Promise<Sample>,
  lineup: Variant[],
  variant: Variant,
  recorder: Recorder,
): Promise<void> {
  try {
    recorder.sample(await sample);
  } catch (error) {
    lineup.splice(lineup.indexOf(variant), 1);
    recorder.failure(error instanceof Error ? error.message : String(error));
  }
}

function rotate<T>(values: readonly T[], by: number): T[] {
  const at = by % Math.max(1, values.length);
  return [...values.slice(at), ...values.slice(0, at)];
}

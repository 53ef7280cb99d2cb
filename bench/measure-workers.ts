import { HEADLINE_CONNECTIONS, QUARTER_RANGE, SMALLEST } from './cells.ts';
import { acceptsSettings, startDaemon } from './daemon.ts';
import { measureSample, type Sample, WARM_UP_SECONDS } from './measure-sample.ts';
import { cpuUsPerRequest, type Spread, spread } from './summary.ts';
import { asVariant, type Bench, daemonOptions, type Variant } from './variants.ts';

export interface WorkersCost {
  readonly workers: number;
  readonly size: string;
  /** CPU time of all its processes for one request, in microseconds. */
  readonly cpuUs: Spread;
  readonly requestsPerSecond: Spread;
}

/**
 * Measures one and two workers in turn, on all cores: the second worker shares its core with the load.
 * @returns nothing where the program has no such setting
 */
export async function measureWorkers(
  bench: Bench,
  {
    rounds,
    seconds,
    patienceSeconds,
  }: { readonly rounds: number; readonly seconds: number; readonly patienceSeconds: number },
): Promise<WorkersCost[]> {
  const base = {
    ...daemonOptions(bench, 'http', 'workers'),
    cores: bench.cores.all,
    client: bench.clients[0],
  };
  if (!acceptsSettings({ ...base, workers: 2 })) return [];
  const variants: Variant[] = [];
  for (const workers of [1, 2]) {
    const directory = `${base.directory}-${workers}`;
    variants.push(asVariant(await startDaemon({ ...base, directory, workers }), `${workers}`, 'http'));
  }
  const samples: Sample[] = [];
  // Round 0 only warms up.
  for (let round = 0; round <= rounds; round += 1) {
    for (const size of [SMALLEST, QUARTER_RANGE]) {
      for (const variant of variants) {
        const cell = { size, connections: HEADLINE_CONNECTIONS };
        const sample = await measureSample(variant, cell, {
          round,
          seconds: round === 0 ? WARM_UP_SECONDS : seconds,
          loadCores: bench.cores.load,
          patienceSeconds,
        });
        if (round > 0) samples.push(sample);
      }
    }
  }
  for (const variant of variants) await variant.stop();
  return [...Map.groupBy(samples, ({ variant, size }) => `${variant} ${size}`).values()].flatMap(toCost);
}

function toCost(samples: readonly Sample[]): WorkersCost[] {
  const [first] = samples;
  if (first === undefined) return [];
  return [
    {
      workers: Number(first.variant),
      size: first.size,
      cpuUs: spread(samples.map((sample) => cpuUsPerRequest(sample) ?? Number.NaN)),
      requestsPerSecond: spread(samples.map(({ requests, seconds }) => requests / seconds)),
    },
  ];
}

import {
  GROWING_CONNECTIONS,
  GROWING_ROUTES,
  GROWING_SIZES,
  HEADLINE_CONNECTIONS,
  type ObjectSize,
  SMALLEST,
} from './cells.ts';
import { startDaemon } from './daemon.ts';
import { measureSample, type Sample } from './measure-sample.ts';
import { readResidentBytes } from './process-cost.ts';
import { cpuUsPerRequest, type Spread, spread } from './summary.ts';
import { asVariant, type Bench, daemonOptions, LIMIT, listVariants, type Variant } from './variants.ts';

/** One point of a curve. */
export interface GrowthPoint {
  readonly over: 'object size' | 'connections' | 'routes';
  readonly variant: string;
  /** Bytes, connections or routes. */
  readonly at: number;
  /** CPU time of the proxy for one request, in microseconds. */
  readonly cpuUs: Spread;
  /** Resident after the load, in bytes. */
  readonly residentBytes: number;
}

export interface GrowthPlan {
  readonly rounds: number;
  readonly seconds: number;
  readonly patienceSeconds: number;
}

/** Few, so that a second's load of the largest object is not spread over streams that all stay unfinished. */
const SIZE_CONNECTIONS = 4;

/** How cost grows: with the object's size and with connections for the program and nginx, with routes for the program. */
export async function measureGrowth(
  bench: Bench,
  plan: GrowthPlan,
  progress: (sentence: string) => void,
): Promise<GrowthPoint[]> {
  const points: GrowthPoint[] = [];
  const client = bench.clients[0] ?? 's3-helper';
  const variants = listVariants(bench, 'http');
  for (const start of [variants.get(client), variants.get(LIMIT)]) {
    const variant = await start?.();
    if (variant === undefined) continue;
    progress(`how the cost of ${variant.name} grows`);
    await measurePoint(bench, { ...plan, variant, over: 'connections', at: HEADLINE_CONNECTIONS });
    for (const size of GROWING_SIZES)
      points.push(
        await measurePoint(bench, { ...plan, variant, over: 'object size', at: size.objectBytes, size }),
      );
    for (const at of GROWING_CONNECTIONS)
      points.push(await measurePoint(bench, { ...plan, variant, over: 'connections', at }));
    await variant.stop();
  }
  for (const at of GROWING_ROUTES) {
    progress(`the cost of ${at} routes`);
    const options = {
      ...daemonOptions(bench, 'http', `routes-${at}`),
      client: bench.clients[0],
      routeCount: at,
    };
    const variant = asVariant(await startDaemon(options), client, 'http');
    await measurePoint(bench, { ...plan, variant, over: 'routes', at });
    points.push(await measurePoint(bench, { ...plan, variant, over: 'routes', at }));
    await variant.stop();
  }
  return points;
}

interface PointPlan extends GrowthPlan {
  readonly variant: Variant;
  readonly over: GrowthPoint['over'];
  readonly at: number;
  readonly size?: ObjectSize;
}

async function measurePoint(bench: Bench, plan: PointPlan): Promise<GrowthPoint> {
  const { variant, over, at, size = SMALLEST, rounds, seconds, patienceSeconds } = plan;
  const connections =
    over === 'connections' ? at : over === 'routes' ? HEADLINE_CONNECTIONS : SIZE_CONNECTIONS;
  const samples: Sample[] = [];
  for (let round = 0; round < rounds; round += 1) {
    samples.push(
      await measureSample(
        variant,
        { size, connections },
        {
          round,
          seconds,
          loadCores: bench.cores.load,
          patienceSeconds,
          ...(over === 'routes' && { routeCount: at }),
        },
      ),
    );
  }
  return {
    over,
    variant: variant.name,
    at,
    cpuUs: spread(samples.map((sample) => cpuUsPerRequest(sample) ?? Number.NaN)),
    residentBytes: readResidentBytes(variant.pid ?? 0),
  };
}

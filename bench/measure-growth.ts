import {
  GROWING_CONNECTIONS,
  GROWING_ROUTES,
  GROWING_SIZES,
  HEADLINE_CONNECTIONS,
  type ObjectSize,
  SMALLEST,
} from './cells.ts';
import { startDaemon } from './daemon.ts';
import { measureSample, WARM_UP_SECONDS } from './measure-sample.ts';
import { readResidentBytes } from './process-cost.ts';
import { cpuUsPerRequest, type Spread, spread } from './summary.ts';
import {
  asVariant,
  type Bench,
  daemonOptions,
  LIMIT,
  listVariants,
  PROGRAM,
  type Variant,
} from './variants.ts';

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

/** Takes the points as they come. */
export interface GrowthRecorder {
  point(point: GrowthPoint): void;
  failure(sentence: string): void;
  progress(sentence: string): void;
}

/** Few, so that the load of the largest object is not spread over streams that all stay unfinished. */
const SIZE_CONNECTIONS = 4;
/** A thousand connections want to be opened first. */
const LEAST_SECONDS = 3;

/** How cost grows: with the object's size and with connections for the program and nginx, with routes for the program. */
export async function measureGrowth(bench: Bench, plan: GrowthPlan, recorder: GrowthRecorder): Promise<void> {
  const client = bench.clients[0];
  const variants = listVariants(bench, 'http');
  for (const name of [client ?? PROGRAM, LIMIT]) {
    recorder.progress(`how the cost of ${name} grows`);
    const variant = await variants.get(name)?.();
    if (variant === undefined) continue;
    for (const size of GROWING_SIZES)
      await measurePoint(
        bench,
        { ...plan, variant, over: 'object size', at: size.objectBytes, size },
        recorder,
      );
    for (const at of GROWING_CONNECTIONS)
      await measurePoint(bench, { ...plan, variant, over: 'connections', at }, recorder);
    await variant.stop();
  }
  for (const at of GROWING_ROUTES) {
    recorder.progress(`the cost of ${at} routes`);
    const options = daemonOptions(bench, 'http', `routes-${at}`);
    const daemon = await startDaemon({ ...options, client, routeCount: at });
    const variant = asVariant(daemon, client ?? PROGRAM, 'http');
    await measurePoint(bench, { ...plan, variant, over: 'routes', at }, recorder);
    await variant.stop();
  }
}

interface PointPlan extends GrowthPlan {
  readonly variant: Variant;
  readonly over: GrowthPoint['over'];
  readonly at: number;
  readonly size?: ObjectSize;
}

async function measurePoint(bench: Bench, plan: PointPlan, recorder: GrowthRecorder): Promise<void> {
  const { variant, over, at, size = SMALLEST, rounds, patienceSeconds } = plan;
  const connections =
    over === 'connections' ? at : over === 'routes' ? HEADLINE_CONNECTIONS : SIZE_CONNECTIONS;
  const seconds = Math.max(LEAST_SECONDS, plan.seconds);
  const common = { loadCores: bench.cores.load, patienceSeconds };
  const routes = over === 'routes' ? { routeCount: at } : {};
  try {
    const cpuUs: number[] = [];
    // Round 0 only warms up.
    for (let round = 0; round <= rounds; round += 1) {
      const roundSeconds = round === 0 ? WARM_UP_SECONDS : seconds;
      const options = { ...common, ...routes, round, seconds: roundSeconds };
      const sample = await measureSample(variant, { size, connections }, options);
      if (round > 0) cpuUs.push(cpuUsPerRequest(sample) ?? Number.NaN);
    }
    const residentBytes = readResidentBytes(variant.pid ?? 0);
    recorder.point({ over, variant: variant.name, at, cpuUs: spread(cpuUs), residentBytes });
  } catch (error) {
    recorder.failure(error instanceof Error ? error.message : String(error));
  }
}

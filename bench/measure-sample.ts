import { bodyBytes, type Cell } from './cells.ts';
import { readCpuSeconds } from './process-cost.ts';
import { waitForQuiet, watchOthers } from './others-load.ts';
import type { Variant } from './variants.ts';
import { runWrk } from './wrk.ts';

/** One variant in one cell in one round. */
export interface Sample {
  readonly round: number;
  readonly protocol: string;
  readonly variant: string;
  readonly size: string;
  readonly connections: number;
  /** Whole ones; where bodies are large, those that the end cut short count by their bytes. */
  readonly requests: number;
  readonly seconds: number;
  readonly bytes: number;
  /** Of the proxy and its children; undefined without a proxy. */
  readonly cpuSeconds: number | undefined;
  readonly p50Us: number;
  readonly p99Us: number;
  /** What other programs used of the machine meanwhile: 1 is one processor. */
  readonly othersLoad: number;
}

export interface SampleOptions {
  readonly round: number;
  readonly seconds: number;
  readonly loadCores: string;
  readonly routeCount?: number;
  /** How long to wait for other programs to be quiet, in seconds; not at all unless given. */
  readonly patienceSeconds?: number;
}

/** A new process is loaded so long first: V8 compiles what runs often, and a small request's cost falls for that long. */
export const WARM_UP_SECONDS = 6;

/** From here on a head is nothing beside its body, and what is in flight at the end is much beside what is done. */
const LARGE_BODY_BYTES = 256 * 1024;
const CALM_DEADLINE_MS = 2000;
const CALM_CHECK_MS = 30;

/** Loads one variant for some seconds. @throws {Error} where any request failed: such numbers mean nothing */
export async function measureSample(
  variant: Variant,
  { size, connections }: Cell,
  { round, seconds, loadCores, routeCount, patienceSeconds = 0 }: SampleOptions,
): Promise<Sample> {
  if (patienceSeconds > 0) await waitForQuiet(patienceSeconds);
  const { name, protocol, pid } = variant;
  const url = variant.url + size.object;
  const { rangeBytes, objectBytes } = size;
  const others = watchOthers();
  const before = pid === undefined ? 0 : await readCalmCpuSeconds(pid);
  const load = await runWrk({ url, connections, seconds, rangeBytes, objectBytes, routeCount }, loadCores);
  const cpuSeconds = pid === undefined ? undefined : (await readCalmCpuSeconds(pid)) - before;
  const othersLoad = others();
  variant.tidy?.();
  if (load.failed > 0 || load.bytes === 0) {
    const what = `${size.label}, ${connections} connections: ${load.failed} requests failed`;
    throw new Error(`${name} (${protocol}), ${what}, ${load.requests} were answered`);
  }
  const requests = bodyBytes(size) < LARGE_BODY_BYTES ? load.requests : load.bytes / bodyBytes(size);
  const { seconds: tookSeconds, bytes, p50Us, p99Us } = load;
  return {
    round,
    protocol,
    variant: name,
    size: size.label,
    connections,
    requests,
    seconds: tookSeconds,
    bytes,
    cpuSeconds,
    p50Us,
    p99Us,
    othersLoad,
  };
}

/** Waits until nothing is left to do: clients that have just gone cost a proxy something too. */
async function readCalmCpuSeconds(pid: number): Promise<number> {
  const deadline = performance.now() + CALM_DEADLINE_MS;
  for (let last = readCpuSeconds(pid); ;) {
    await new Promise((resolve) => setTimeout(resolve, CALM_CHECK_MS));
    const now = readCpuSeconds(pid);
    if (now === last || performance.now() > deadline) return now;
    last = now;
  }
}

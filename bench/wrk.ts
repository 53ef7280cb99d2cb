import { join } from 'node:path';
import { withDeadline } from '../test/support/with-deadline.ts';
import { spawnPinned } from './pinned-process.ts';

/** What is asked for, how often at a time and for how long. */
export interface Load {
  /** Of the object. */
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  /** Ask for ranges of this size, one after the other, in place of the whole object. */
  readonly rangeBytes?: number | undefined;
  readonly objectBytes: number;
  /** Put `/r0`, `/r1` … before the path in turn. */
  readonly routeCount?: number | undefined;
}

export interface LoadResult {
  /** That were answered whole. */
  readonly requests: number;
  readonly seconds: number;
  /** Heads and bodies, those of requests that the end of the run cut short included. */
  readonly bytes: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** Connections that broke, time-outs, and statuses from 400 on. */
  readonly failed: number;
}

const SCRIPT = join(import.meta.dirname, 'load.lua');
const REQUEST_TIMEOUT = '30s';
const GRACE_MS = 40_000;

/** Runs Debian's wrk with one thread. @throws {Error} with its own words */
export async function runWrk(load: Load, cores: string): Promise<LoadResult> {
  const { url, connections, seconds, rangeBytes = 0, objectBytes, routeCount = 0 } = load;
  const limits = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', REQUEST_TIMEOUT];
  const wrk = spawnPinned(['wrk', ...limits, '--latency', '-s', SCRIPT, url], {
    cores,
    environment: {
      BENCH_RANGE_BYTES: String(rangeBytes),
      BENCH_OBJECT_BYTES: String(objectBytes),
      BENCH_ROUTES: String(routeCount),
    },
  });
  let output = '';
  wrk.child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text));
  try {
    await withDeadline(wrk.exited, 'the end of wrk', seconds * 1000 + GRACE_MS);
  } finally {
    await wrk.stop();
  }
  return parseWrkOutput(output, wrk.errors());
}

/** Finds the line that `load.lua` prints. @throws {Error} where there is none */
export function parseWrkOutput(output: string, errors: string): LoadResult {
  const json = /^RESULT (\{.*\})$/m.exec(output)?.[1];
  if (json === undefined) {
    throw new Error(`wrk (Debian: apt-get install wrk) measured nothing:\n${output}${errors}`);
  }
  const { durationUs, ...result } = JSON.parse(json) as LoadResult & { durationUs: number };
  return { ...result, seconds: durationUs / 1e6 };
}

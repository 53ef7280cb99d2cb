import { LARGEST } from './cells.ts';
import { startDaemon } from './daemon.ts';
import { holdStreams } from './hold-streams.ts';
import { startNginxProxy } from './nginx-proxy.ts';
import { readResidentBytes } from './process-cost.ts';
import { type Spread, spread } from './summary.ts';
import { type Bench, daemonOptions, PROGRAM } from './variants.ts';
import type { PinnedProcess } from './pinned-process.ts';

export interface Memory {
  readonly variant: string;
  /** Resident, once it listens and has nothing to do; in bytes. */
  readonly idleBytes: number;
  /** Resident over some seconds with all streams open; in bytes. */
  readonly streamingBytes: Spread;
  readonly streams: number;
}

const STREAMS = 1000;
const HOLD_MS = 5000;
const SAMPLE_EVERY_MS = 100;
const SETTLE_MS = 1000;

/** Measures a new process of each client, and nginx beside it. */
export async function measureMemory(bench: Bench): Promise<Memory[]> {
  const results: Memory[] = [];
  for (const client of bench.clients) {
    const name = client ?? PROGRAM;
    const options = daemonOptions(bench, 'http', `memory-${name}`);
    results.push(await measureOne(name, await startDaemon({ ...options, client })));
  }
  const { directory } = daemonOptions(bench, 'http', 'memory-nginx');
  const origin = bench.upstream.origins.http;
  const nginx = await startNginxProxy({ cores: bench.cores.proxy, directory, origin, buffers: 'default' });
  results.push(await measureOne('nginx', nginx));
  return results;
}

async function measureOne(variant: string, proxy: PinnedProcess & { url: string }): Promise<Memory> {
  try {
    await sleep(SETTLE_MS);
    const idleBytes = readResidentBytes(proxy.pid);
    const streams = await holdStreams(proxy.url + LARGEST.object, STREAMS);
    try {
      const samples: number[] = [];
      for (let time = 0; time < HOLD_MS; time += SAMPLE_EVERY_MS) {
        await sleep(SAMPLE_EVERY_MS);
        samples.push(readResidentBytes(proxy.pid));
      }
      if (streams.endedCount() > 0)
        throw new Error(`${variant}: ${streams.endedCount()} streams ended early`);
      return { variant, idleBytes, streamingBytes: spread(samples), streams: STREAMS };
    } finally {
      streams.close();
    }
  } finally {
    await proxy.stop();
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { waitUntil } from '../support/with-deadline.ts';
import { LogReader } from './log-reader.ts';
import { ProcessSampler, readHolding } from './process-sampler.ts';
import { runLoad } from './soak-load.ts';
import { formatJson, formatReport } from './soak-report.ts';
import { judge, type SoakRecord } from './soak-verdict.ts';
import { type SoakedDaemon, startDaemon } from './start-daemon.ts';
import { startUpstream, type Upstream } from './start-upstream.ts';

// Runs the daemon under mixed load for a while, with an S3 that fails now and then, clients that leave or stop reading
// and credentials that rotate, and holds what came of it against what must. The exit code is 1 where anything is wrong.
//
//   SOAK_SECONDS   length of the load: 600
//   SOAK_RATE      requests per second: 80
//   SOAK_WORKERS   processes of the daemon: 1
//   SOAK_SEED      to send the same requests again: by chance
//   TEST_S3_CLIENT which client of S3's the daemon uses: wire
//   SOAK_LEAK      makes the daemon leak, to see it found: objects, buffers or sockets

const SECONDS = readNumber('SOAK_SECONDS', 600);
const RATE = readNumber('SOAK_RATE', 80);
const WORKERS = readNumber('SOAK_WORKERS', 1);
const SEED = readNumber('SOAK_SEED', Math.floor(Math.random() * 2 ** 31));
/** In which memory grows to what the load needs. */
const WARM_UP_SECONDS = Math.min(120, Math.max(SECONDS * 0.3, 15));

process.exitCode = await soak();

async function soak(): Promise<number> {
  console.log(`SOAK_SECONDS=${SECONDS} SOAK_RATE=${RATE} SOAK_WORKERS=${WORKERS} SOAK_SEED=${SEED}`);
  const upstream = await startUpstream();
  try {
    const record = await runDaemon(upstream);
    const verdict = judge(record);
    console.log(formatReport(record, verdict));
    console.log(formatJson(record, verdict));
    return verdict.violations.length === 0 ? 0 : 1;
  } finally {
    await upstream.stop();
  }
}

async function runDaemon(upstream: Upstream): Promise<SoakRecord> {
  const daemon = await startDaemon(upstream, { workers: WORKERS, leak: process.env['SOAK_LEAK'] });
  try {
    return await loadAndWatch(daemon, upstream);
  } finally {
    await daemon.stop();
  }
}

async function loadAndWatch(daemon: SoakedDaemon, upstream: Upstream): Promise<SoakRecord> {
  const { program } = daemon;
  process.once('SIGTERM', () => {
    program.signal('SIGTERM');
    process.exit(1);
  });
  const reader = new LogReader(program);
  const before = readHolding(program.pid);
  const sampler = new ProcessSampler(program.pid);
  const lateness = monitorEventLoopDelay();
  lateness.enable();
  const load = await runLoad({
    ...{ upstream, seed: SEED, requestsPerSecond: RATE },
    ...{ durationMs: SECONDS * 1000, port: program.port },
  });
  lateness.disable();
  sampler.stop();
  const held = daemon.readMemory();
  // Idle connections to S3 are closed after a few seconds. What is left then, the verdict tells.
  await waitUntil(() => readHolding(program.pid).sockets <= before.sockets, 'the end').catch(() => undefined);
  const after = readHolding(program.pid);
  const counts = await upstream.count();
  const exitCode = await daemon.stop();
  reader.stop();
  return {
    ...{ seconds: SECONDS, warmUpSeconds: WARM_UP_SECONDS, workers: WORKERS },
    ...{ latenessMs: lateness.percentile(99) / 1e6, load, upstream: counts, before, after, exitCode, held },
    ...{ residentBytes: sampler.residentBytes, sockets: sampler.sockets },
    ...{ standardError: program.standardError(), logErrors: reader.errors, log: reader.counts },
  };
}

function readNumber(name: string, standard: number): number {
  const text = process.env[name];
  const value = text === undefined || text === '' ? standard : Number(text);
  if (!(value > 0)) throw new RangeError(`${name} must be a number above zero`);
  return value;
}

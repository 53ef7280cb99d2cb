import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GROWING_SIZES, objectsOf, SIZES } from './cells.ts';
import { readContenders } from './contenders.ts';
import { pickCores, pinMyself } from './cores.ts';
import { writeCharts } from './charts/write-charts.ts';
import { findRegressions } from './guard.ts';
import { describeMachine } from './machine.ts';
import { measureParts } from './measure-parts.ts';
import { type Options, readOptions, USAGE } from './options.ts';
import { stopAll } from './pinned-process.ts';
import { profileDaemon } from './profile-daemon.ts';
import { buildProgram, PROJECT } from './program.ts';
import { formatReport } from './report.ts';
import { readResults, type Results, writeResults } from './results.ts';
import { startUpstreamServer } from './upstream-server.ts';
import { type Bench, probeClients, PROGRAM } from './variants.ts';

/** A full run takes under an hour; what takes longer hangs. */
const DEADLINE_MS = 90 * 60_000;

if (process.argv.includes('--help')) {
  process.stdout.write(USAGE);
  process.exit(0);
}
let options: Options;
try {
  options = readOptions(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exit(64);
}

const directory = await mkdtemp(join(tmpdir(), 's3-helper-bench-'));
const interrupted = Promise.withResolvers<never>();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => interrupted.reject(new Error(`ended by ${signal}`)));
const deadline = setTimeout(
  () => interrupted.reject(new Error(`not done after ${DEADLINE_MS / 60_000} minutes`)),
  DEADLINE_MS,
);

let exitCode = 1;
try {
  exitCode = await Promise.race([run(options), interrupted.promise]);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
} finally {
  clearTimeout(deadline);
  await stopAll();
  rmSync(directory, { recursive: true, force: true });
}
process.exit(exitCode);

/** @returns the exit code */
async function run(options: Options): Promise<number> {
  if (options.mode === 'draw') return drawCharts(readResults(options.outputFile));
  const machine = describeMachine();
  const bench = await prepare(options);
  if (options.mode === 'profile') {
    process.stdout.write(await profileDaemon(bench, options));
    return 0;
  }
  const results: Results = {
    format: 1,
    startedAt: new Date().toISOString(),
    revision: bench.program.revision,
    machine,
    rounds: options.rounds,
    secondsPerSample: options.seconds,
    cells: [],
    addedLatency: [],
    signing: [],
    startUp: undefined,
    memory: [],
    workers: [],
    growth: [],
    samples: [],
    failures: [],
  };
  try {
    await measureParts(bench, options, results);
  } finally {
    writeResults(options.outputFile, results);
  }
  process.stdout.write(formatReport(results));
  if (options.mode === 'full') drawCharts(results);
  const regressions =
    options.mode === 'quick' ? findRegressions(results.cells, bench.clients[0] ?? PROGRAM) : [];
  for (const sentence of regressions) process.stdout.write(`regression: ${sentence}\n`);
  return regressions.length + results.failures.length === 0 ? 0 : 1;
}

/** @returns the exit code */
function drawCharts(results: Results): number {
  const files = writeCharts(results, join(PROJECT, 'docs'));
  process.stderr.write(`drawn into docs/images: ${files.join(', ')}\n`);
  return 0;
}

/** Builds the program and starts what stands in for S3. */
async function prepare({ source, contendersFile, parts }: Options): Promise<Bench> {
  const cores = pickCores();
  const program = buildProgram(source, directory);
  const upstream = await startUpstreamServer({
    cores: cores.upstream,
    directory,
    objects: objectsOf(parts.has('growth') ? [...SIZES, ...GROWING_SIZES] : SIZES),
  });
  const clients = probeClients({
    main: program.main,
    endpoint: upstream.origins.http,
    caFile: upstream.caFile,
    cores: cores.all,
    directory: join(directory, 'probe'),
  });
  pinMyself(cores.load);
  return { cores, directory, upstream, program, clients, contenders: readContenders(contendersFile) };
}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Cell, HEADLINE_CONNECTIONS, SMALLEST } from './cells.ts';
import { type CpuProfile, type Share, summariseProfile } from './cpu-profile.ts';
import { startDaemon } from './daemon.ts';
import { measureSample, WARM_UP_SECONDS } from './measure-sample.ts';
import { formatTable } from './text-table.ts';
import type { Protocol } from './upstream-server.ts';
import { asVariant, type Bench, daemonOptions, PROGRAM } from './variants.ts';

const SAMPLING_INTERVAL_US = 250;

export interface ProfilePlan {
  /** The first is loaded. */
  readonly cells: readonly Cell[];
  readonly protocols: readonly Protocol[];
  /** Names of the clients; undefined takes the default one. */
  readonly variants: readonly string[] | undefined;
  readonly seconds: number;
}

/** Loads the program's sources under Node's profiler. @returns tables of where its time goes, for each client */
export async function profileDaemon(bench: Bench, plan: ProfilePlan): Promise<string> {
  const [byDefault] = bench.clients;
  const names = plan.variants ?? [byDefault ?? PROGRAM];
  const reports: string[] = [];
  for (const protocol of plan.protocols) {
    for (const client of bench.clients.filter((name) => names.includes(name ?? PROGRAM)))
      reports.push(await profileClient(bench, client, { ...plan, protocol }));
  }
  return `${reports.join('\n\n')}\n`;
}

async function profileClient(
  bench: Bench,
  client: string | undefined,
  { cells, protocol, seconds }: ProfilePlan & { readonly protocol: Protocol },
): Promise<string> {
  const [cell = { size: SMALLEST, connections: HEADLINE_CONNECTIONS }] = cells;
  const name = client ?? PROGRAM;
  const options = daemonOptions(bench, protocol, `profile-${name}`);
  const profiler = ['--cpu-prof', `--cpu-prof-dir=${options.directory}`];
  const daemon = await startDaemon({
    ...options,
    client,
    // As sources, whose lines are the ones that people read.
    main: bench.program.sourceMain,
    nodeOptions: [...profiler, `--cpu-prof-interval=${SAMPLING_INTERVAL_US}`],
  });
  const variant = asVariant(daemon, name, protocol);
  const common = { round: 0, loadCores: bench.cores.load };
  await measureSample(variant, cell, { ...common, seconds: WARM_UP_SECONDS });
  const fromUs = Number(process.hrtime.bigint() / 1000n);
  await measureSample(variant, cell, { ...common, seconds });
  await daemon.stop();
  const file = readdirSync(options.directory).find((entry) => entry.endsWith('.cpuprofile'));
  if (file === undefined) throw new Error('the daemon left no profile');
  const profile = JSON.parse(readFileSync(join(options.directory, file), 'utf8')) as CpuProfile;
  const { self, parts, inclusive } = summariseProfile(profile, fromUs);
  return [
    formatShares(
      `${name}, S3 over ${protocol}, ${cell.size.label}, ${cell.connections} connections: by part`,
      parts.slice(0, 30),
    ),
    formatShares('functions, themselves', self.slice(0, 45)),
    formatShares('functions of the program, with all they call', inclusive.slice(0, 40)),
  ].join('\n\n');
}

function formatShares(title: string, shares: readonly Share[]): string {
  return formatTable(
    [title, '%'],
    shares.map(({ place, percent }) => [place, percent.toFixed(1)]),
  );
}

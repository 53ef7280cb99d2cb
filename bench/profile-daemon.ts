import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HEADLINE_CONNECTIONS, SMALLEST } from './cells.ts';
import { startDaemon } from './daemon.ts';
import { measureSample } from './measure-sample.ts';
import { formatTable } from './text-table.ts';
import { asVariant, type Bench, daemonOptions } from './variants.ts';

/** A .cpuprofile file, as far as it is read here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: {
      readonly functionName: string;
      readonly url: string;
      readonly lineNumber: number;
    };
  }[];
  /** Node ids, one each `timeDeltas`. */
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Where time was spent. */
export interface SelfTime {
  /** `name file:line`, the path shortened to what a reader knows. */
  readonly place: string;
  /** Of the time in which the process did anything. */
  readonly percent: number;
}

const SAMPLING_INTERVAL_US = 250;
const SHOWN = 45;

/** Loads the program's sources under Node's profiler. @returns a table of where its time goes, by self time */
export async function profileDaemon(
  bench: Bench,
  { seconds }: { readonly seconds: number },
): Promise<string> {
  const { main, ...options } = daemonOptions(bench, 'http', 'profile');
  const nodeOptions = [
    '--cpu-prof',
    `--cpu-prof-dir=${options.directory}`,
    `--cpu-prof-interval=${SAMPLING_INTERVAL_US}`,
  ];
  const sections: string[] = [];
  for (const client of bench.clients) {
    const directory = `${options.directory}-${client ?? 'program'}`;
    const daemon = await startDaemon({
      ...options,
      client,
      directory,
      main: bench.program.sourceMain ?? main,
      nodeOptions: nodeOptions.map((option) => option.replace(options.directory, directory)),
    });
    const cell = { size: SMALLEST, connections: HEADLINE_CONNECTIONS };
    const variant = asVariant(daemon, client ?? 's3-helper', 'http');
    await measureSample(variant, cell, { round: 0, seconds: seconds * 3, loadCores: bench.cores.load });
    await daemon.stop();
    const file = readdirSync(directory).find((name) => name.endsWith('.cpuprofile'));
    if (file === undefined) throw new Error('the daemon left no profile');
    const profile = JSON.parse(readFileSync(join(directory, file), 'utf8')) as CpuProfile;
    const rows = summariseProfile(profile).slice(0, SHOWN);
    sections.push(
      formatTable(
        [`${variant.name}: self time at ${cell.size.label}, ${cell.connections} connections`, '%'],
        rows.map(({ place, percent }) => [place, percent.toFixed(1)]),
      ),
    );
  }
  return `${sections.join('\n\n')}\n`;
}

/** Self time by function, the most first; idle time counts for nothing. */
export function summariseProfile({ nodes, samples, timeDeltas }: CpuProfile): SelfTime[] {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const spentUs = new Map<string, number>();
  let totalUs = 0;
  samples.forEach((id, index) => {
    const frame = frames.get(id);
    if (frame === undefined || frame.functionName === '(idle)') return;
    const us = timeDeltas[index] ?? 0;
    const place = describeFrame(frame);
    spentUs.set(place, (spentUs.get(place) ?? 0) + us);
    totalUs += us;
  });
  return [...spentUs]
    .map(([place, us]) => ({ place, percent: (us / totalUs) * 100 }))
    .sort((a, b) => b.percent - a.percent);
}

function describeFrame({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  const file = url.replace(/^file:\/\//, '').replace(/^.*\/(src|node_modules)\//, '$1/');
  return `${functionName || '(anonymous)'} ${file === '' ? '' : `${file}:${lineNumber + 1}`}`.trim();
}

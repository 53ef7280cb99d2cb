import { join } from 'node:path';
import { type Contender, startContender } from './contenders.ts';
import type { Cores } from './cores.ts';
import { acceptsSettings, type DaemonOptions, type RunningDaemon, startDaemon } from './daemon.ts';
import { startNginxProxy } from './nginx-proxy.ts';
import type { Program } from './program.ts';
import { BUCKET, type Protocol, type UpstreamServer } from './upstream-server.ts';

/** One way to an object, for one protocol towards S3. */
export interface Variant {
  /** `nginx`, `nginx-64k`, `wire`, `undici`, `metrics`, a contender's name, or `direct` for no proxy at all. */
  readonly name: string;
  readonly protocol: Protocol;
  /** Ends with a slash; an object's name follows. */
  readonly url: string;
  /** Of the proxy; undefined for `direct`. */
  readonly pid: number | undefined;
  /** Called after each measurement. */
  readonly tidy?: (() => void) | undefined;
  readonly stop: () => Promise<void>;
}

/** What every variant is started with. */
export interface Bench {
  readonly cores: Cores;
  /** Temporary; each part makes folders of its own in it. */
  readonly directory: string;
  readonly upstream: UpstreamServer;
  readonly program: Program;
  /** The clients that the program can be told to use; `undefined` alone where it cannot be told. */
  readonly clients: readonly (string | undefined)[];
  readonly contenders: readonly Contender[];
}

/** The variant that all others are measured against. */
export const LIMIT = 'nginx';
export const DIRECT = 'direct';
/** The program's clients, its default first. */
export const CLIENTS = ['wire', 'undici'] as const;
/** The program with all its metrics on; measured only where it is asked for. */
export const METRICS = 'metrics';
/** What the program is called where it has only one client. */
export const PROGRAM = 's3-helper';

/** @returns which clients this state of the program has */
export function probeClients(options: Omit<DaemonOptions, 'client'>): (string | undefined)[] {
  const known = CLIENTS.filter((client) => acceptsSettings({ ...options, client }));
  return known.length > 0 ? known : [undefined];
}

/** Every variant of one protocol by its name; nothing is started yet. */
export function listVariants(bench: Bench, protocol: Protocol): Map<string, () => Promise<Variant>> {
  const starts = new Map<string, () => Promise<Variant>>();
  const origin = bench.upstream.origins[protocol];
  starts.set(DIRECT, () =>
    Promise.resolve({ name: DIRECT, protocol, url: `${origin}/${BUCKET}/`, pid: undefined, stop: nothing }),
  );
  for (const [name, buffers] of [
    [LIMIT, 'default'],
    ['nginx-64k', '64k'],
  ] as const) {
    starts.set(name, async () => {
      const directory = join(bench.directory, `${name}-${protocol}`);
      const proxy = await startNginxProxy({ cores: bench.cores.proxy, directory, origin, buffers });
      return { name, protocol, url: proxy.url, pid: proxy.pid, stop: () => proxy.stop() };
    });
  }
  for (const client of bench.clients) {
    const name = client ?? PROGRAM;
    starts.set(name, async () => {
      const daemon = await startDaemon({ ...daemonOptions(bench, protocol, name), client });
      return asVariant(daemon, name, protocol);
    });
  }
  starts.set(METRICS, async () => {
    const daemon = await startDaemon({ ...daemonOptions(bench, protocol, METRICS), hasMetrics: true });
    return asVariant(daemon, METRICS, protocol);
  });
  for (const contender of bench.contenders.filter(({ protocols }) => protocols.includes(protocol)))
    starts.set(contender.name, () => startContender(contender, bench, protocol));
  return starts;
}

export function asVariant(daemon: RunningDaemon, name: string, protocol: Protocol): Variant {
  const { url, pid } = daemon;
  return { name, protocol, url, pid, tidy: () => daemon.emptyLog(), stop: () => daemon.stop() };
}

/** @param name - of the folder, together with the protocol */
export function daemonOptions({ upstream, program, ...bench }: Bench, protocol: Protocol, name: string) {
  return {
    main: program.main,
    endpoint: upstream.origins[protocol],
    caFile: upstream.caFile,
    cores: bench.cores.proxy,
    directory: join(bench.directory, `${name}-${protocol}`),
  } satisfies DaemonOptions;
}

async function nothing(): Promise<void> {
  // There is no proxy to stop.
}

import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntil, withDeadline } from '../../support/with-deadline.ts';
import type { Image } from './build.ts';
import type { Network } from './network.ts';

export interface ContainerOptions {
  readonly network: Network;
  /** After the entrypoint; the image's own unless given. */
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** A program that runs from an image: process 1 of its own, the image's user, a read-only root with a /tmp. */
export interface Container {
  readonly output: () => string;
  /** Resolves when it has printed this. @throws {Error} with its output where it ends before, or is late */
  readonly printed: (text: string) => Promise<void>;
  /** Runs a command beside it, as `docker exec` and health checks do. @returns its exit code @throws {Error} where it has none */
  readonly execute: (command: readonly string[]) => number;
  /** Of process 1, as the kernel shows it. */
  readonly status: () => string;
  readonly signal: (name: NodeJS.Signals) => void;
  /** @returns the exit code, or the signal's name */
  readonly exited: Promise<number | string>;
  readonly stop: () => Promise<number | string>;
}

const START_DEADLINE_MS = 20_000;
const EXECUTE_DEADLINE_MS = 20_000;
const STOP_DEADLINE_MS = 40_000;
const MOUNTS = `
mount --bind "$1" "$1" && mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" && mount -t tmpfs tmpfs "$1/tmp" &&
mount -o remount,ro,bind "$1" && shift && exec env --ignore-environment "$@"`;

/** Starts a container as an engine would, with the kernel's own means. */
export async function startContainer(image: Image, options: ContainerOptions): Promise<Container> {
  const { root, config } = image;
  // An engine makes these where an image has none.
  for (const folder of ['proc', 'dev', 'tmp']) mkdirSync(join(root, folder), { recursive: true });
  const environment = Object.entries({ ...config.environment, ...options.environment });
  const [uid = '0', gid = uid] = config.user.split(':');
  const program = [...config.entrypoint, ...(options.command ?? config.command)];
  const chroot = ['chroot', `--userspec=${uid}:${gid}`, '--groups=', root, ...program];
  const variables = environment.map(([name, value]) => `${name}=${value}`);
  const [enter, ...where] = options.network.enter;
  const child = spawn(
    enter,
    // The path of the host's own `chroot` is looked up before the environment is the image's.
    [
      ...[...where, 'unshare', '--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private'],
      ...['sh', '-c', MOUNTS, 'sh', root, ...variables, ...findProgram(chroot)],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  return describe(child, image, Object.fromEntries(environment));
}

async function describe(
  child: ChildProcess,
  { config }: Image,
  env: Readonly<Record<string, string>>,
): Promise<Container> {
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  const exited = (once(child, 'close') as Promise<[number | null, string | null]>).then(
    ([code, signal]) => code ?? signal ?? 'unknown',
  );
  await waitUntil(() => findInside(child.pid) !== undefined || child.exitCode !== null, 'process 1');
  const pid = findInside(child.pid);
  if (pid === undefined) throw new Error(`the container did not start:\n${text}`);
  const [uid = '0', gid = uid] = config.user.split(':');
  return {
    output: () => text,
    printed: async (awaited) => {
      const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
      await waitUntil(() => text.includes(awaited) || hasEnded(), awaited, START_DEADLINE_MS).catch(
        () => undefined,
      );
      if (!text.includes(awaited)) throw new Error(`${awaited} was not printed, but:\n${text}`);
    },
    execute: (command) => {
      const places = [`--target=${pid}`, '--net', '--pid', '--mount', '--root', '--wd'];
      const rights = [`--setuid=${uid}`, `--setgid=${gid}`];
      const [nsenter = '', ...args] = findProgram(['nsenter', ...places, ...rights, '--', ...command]);
      const { status, error } = spawnSync(nsenter, args, { env, timeout: EXECUTE_DEADLINE_MS });
      if (status === null) throw new Error(`${command.join(' ')} did not end by itself`, { cause: error });
      return status;
    },
    status: () => readFileSync(`/proc/${pid}/status`, 'utf8'),
    signal: (name) => void process.kill(pid, name),
    exited,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null && findInside(child.pid) === pid)
        process.kill(pid, config.stopSignal);
      return withDeadline(exited, 'the end of the container', STOP_DEADLINE_MS).finally(() =>
        child.kill('SIGKILL'),
      );
    },
  };
}

/** The process that `unshare --fork` made. */
function findInside(pid: number | undefined): number | undefined {
  try {
    const children = readFileSync(`/proc/${pid ?? 0}/task/${pid ?? 0}/children`, 'utf8');
    return children.trim() === '' ? undefined : Number(children.trim().split(' ')[0]);
  } catch {
    return undefined;
  }
}

function findProgram([name = '', ...args]: readonly string[]): string[] {
  const path = execFileSync('sh', ['-c', 'command -v "$1"', 'sh', name], { encoding: 'utf8' }).trim();
  return [path, ...args];
}

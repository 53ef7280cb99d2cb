import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

const STOP_DEADLINE_MS = 10_000;
const LONGEST_ERRORS = 16_384;

export interface PinnedOptions {
  /** CPU list as `taskset -c` takes it. */
  readonly cores: string;
  /** The whole environment but PATH, which is ours. */
  readonly environment?: Readonly<Record<string, string>>;
  /** An open file for standard output; a pipe when not given. */
  readonly stdout?: number;
}

export interface PinnedProcess {
  readonly child: ChildProcess;
  /** Of the program itself: `taskset` becomes it. */
  readonly pid: number;
  /** The last it wrote to standard error. */
  readonly errors: () => string;
  /** Exit code or signal; rejects where the program is missing. */
  readonly exited: Promise<number | string>;
  /** SIGTERM, and SIGKILL where that does not end it in time. */
  stop(): Promise<void>;
}

const running = new Set<PinnedProcess>();
// For one that was started while the others were being stopped.
process.once('exit', () => running.forEach(({ child }) => child.kill()));

/** Starts a program on the given cores. @throws {Error} naming the package where `taskset` is missing */
export function spawnPinned(
  [program, ...args]: readonly [string, ...string[]],
  { cores, environment = {}, stdout }: PinnedOptions,
): PinnedProcess {
  const child = spawn('taskset', ['-c', cores, program, ...args], {
    env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin`, ...environment },
    stdio: ['ignore', stdout ?? 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-LONGEST_ERRORS);
  });
  const exited = once(child, 'close').then(
    ([code, signal]) => (code ?? signal) as number | string,
    (cause: unknown) => {
      throw new Error('taskset could not be started; apt-get install util-linux', { cause });
    },
  );
  const pinned: PinnedProcess = {
    child,
    pid: child.pid ?? 0,
    errors: () => errors,
    exited,
    stop: () => stop(pinned),
  };
  running.add(pinned);
  const forget = (): void => void running.delete(pinned);
  exited.then(forget, forget);
  return pinned;
}

/** Ends whatever is still running. */
export async function stopAll(): Promise<void> {
  await Promise.allSettled([...running].map((pinned) => pinned.stop()));
}

async function stop({ child, exited }: PinnedProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
  await exited.finally(() => clearTimeout(killer));
}

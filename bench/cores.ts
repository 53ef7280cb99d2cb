import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** CPU lists as `taskset -c` takes them. */
export interface Cores {
  /** Of the proxy that is measured, and of nothing else. */
  readonly proxy: string;
  readonly upstream: string;
  readonly load: string;
  /** All of them. */
  readonly all: string;
}

/**
 * Says which core does what: the proxy has one of its own, upstream and load share the other where there are only two.
 * @throws {Error} on a machine with a single core, where nothing can be told apart.
 */
export function pickCores(count: number = availableParallelism()): Cores {
  if (count < 2) throw new Error('the benchmark needs two cores: one for the proxy, one for the rest');
  return count === 2
    ? { proxy: '1', upstream: '0', load: '0', all: '0,1' }
    : { proxy: '1', upstream: '0', load: '2', all: '0,1,2' };
}

/** Moves this process off the proxy's core. */
export function pinMyself(cores: string): void {
  execFileSync('taskset', ['-a', '-c', '-p', cores, String(process.pid)], { stdio: 'ignore' });
}

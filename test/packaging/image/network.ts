import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { withDeadline } from '../../support/with-deadline.ts';

/** A network namespace with a loopback interface and nothing else, as containers share one. */
export interface Network {
  /** Arguments that run what follows inside: `nsenter --net=…`. */
  readonly enter: readonly [string, ...string[]];
  /** Runs a script of Node inside and gives what it prints. @throws {Error} where it fails */
  readonly evaluate: (script: string) => string;
  readonly close: () => Promise<void>;
}

/** Opens one; it lasts until it is closed. */
export async function openNetwork(): Promise<Network> {
  // It must be inside before anybody else enters; what it prints says that it is.
  const inside = 'ip link set lo up && echo up && exec sleep 600';
  const holder = spawn('unshare', ['--net', 'sh', '-c', inside], { stdio: ['ignore', 'pipe', 'inherit'] });
  await withDeadline(once(holder.stdout, 'data'), 'a network of its own');
  const enter = ['nsenter', `--net=/proc/${holder.pid ?? 0}/ns/net`] as const;
  return {
    enter,
    evaluate: (script) =>
      execFileSync(enter[0], [enter[1], process.execPath, '--input-type=module', '-e', script], {
        encoding: 'utf8',
        timeout: 20_000,
      }),
    close: () => end(holder),
  };
}

async function end(holder: ChildProcess): Promise<void> {
  const closed = once(holder, 'exit');
  holder.kill('SIGKILL');
  await withDeadline(closed, 'the end of the network');
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { waitUntil } from '../support/with-deadline.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');

/**
 * What systemd does with a service whose socket it holds: starts it, and again when it has ended, with the same socket.
 * Only the program itself knows its number, which it must find in LISTEN_PID, before it runs.
 */
const RESTART = `
while read -r _; do
  sh -c 'LISTEN_PID=$$ exec "$@"' sh "$@"
  echo "{\\"ended\\": $?}"
done`;

export interface ActivatedOptions {
  /** Where systemd-socket-activate is to listen. */
  readonly listen: string;
  /** How often the program is run, one run after the other. */
  readonly runs: number;
  readonly yaml: string;
  readonly environment: Readonly<Record<string, string>>;
}

export interface Activated {
  /** Of all runs, parsed. */
  readonly logLines: readonly Record<string, unknown>[];
  /** Of all runs that are over. */
  readonly exitCodes: readonly number[];
  /** Waits for the start of a run, from 1. @returns its process */
  untilStarted(run: number): Promise<number>;
  /** Waits for the end of all runs. */
  untilOver(): Promise<void>;
  kill(): Promise<void>;
}

/** Has systemd-socket-activate hold a socket for the program, which is started by the first connection. */
export function startActivated({ listen, runs, yaml, environment }: ActivatedOptions): Activated {
  const folder = mkdtempSync(join(tmpdir(), 's3-helper-activated-'));
  const configFile = join(folder, 's3-helper.yml');
  writeFileSync(configFile, yaml);
  const variables = Object.keys(environment).flatMap((name) => ['-E', name]);
  const program = [process.execPath, MAIN, `--config=${configFile}`];
  const child = spawn(
    'systemd-socket-activate',
    ['-l', listen, ...variables, 'sh', '-c', RESTART, 'sh', ...program],
    {
      env: { PATH: process.env['PATH'], ...environment },
      stdio: ['pipe', 'pipe', 'ignore'],
      // The shell does not pass on the end to the program.
      detached: true,
    },
  );
  const exited = once(child, 'exit');
  child.stdin.end('run\n'.repeat(runs));
  const logLines: Record<string, unknown>[] = [];
  const exitCodes: number[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    const fields = JSON.parse(line) as Record<string, unknown>;
    if (typeof fields['ended'] === 'number') exitCodes.push(fields['ended']);
    else logLines.push(fields);
  });
  const listStarts = (): unknown[] => logLines.filter(({ msg }) => msg === 'listening').map(({ pid }) => pid);
  return {
    logLines,
    exitCodes,
    untilStarted: async (run) => {
      await waitUntil(() => listStarts().length >= run, `run ${run}`, 20_000);
      return listStarts()[run - 1] as number;
    },
    untilOver: () => waitUntil(() => exitCodes.length === runs, 'the end of all runs', 20_000),
    kill: async () => {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
      await exited;
      rmSync(folder, { recursive: true });
    },
  };
}

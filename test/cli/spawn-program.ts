import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestContext } from 'vitest';
import { withDeadline } from '../support/with-deadline.ts';
import { COMPILED } from '../support/compiled.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');
const DEADLINE_MS = 20_000;

/** The program as it is, whatever it says and however it ends. */
export interface SpawnedProgram {
  /** All that it has said, on both outputs. */
  output(): string;
  signal(name: NodeJS.Signals): void;
  /** The exit code, or the signal's name. */
  readonly ended: Promise<number | string>;
  /** Waits until somebody listens at the path; not every level of the log says so. */
  untilListening(path: string): Promise<void>;
}

/**
 * Starts the program in an environment without settings or an AWS account of the machine's own.
 * @param test - whose end ends the program; of the test itself, as several may run side by side
 */
export function spawnProgram(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  test: TestContext,
): SpawnedProgram {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: {
      PATH: process.env['PATH'],
      ...COMPILED,
      HOME: '/nonexistent',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_EC2_METADATA_DISABLED: 'true',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const closed = once(child, 'close').then(() => (child.exitCode ?? child.signalCode) as number | string);
  test.onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return {
    output: () => output,
    signal: (name) => child.kill(name),
    ended: withDeadline(closed, `the end of s3-helper ${args.join(' ')}`, DEADLINE_MS),
    untilListening: (path) =>
      withDeadline(
        Promise.race([
          untilConnected(path),
          closed.then(() => Promise.reject(new Error(`the program ended before it listened: ${output}`))),
        ]),
        `somebody who listens at ${path}`,
        DEADLINE_MS,
      ),
  };
}

/** Runs the program until it ends by itself. @returns all that it said */
export async function runToEnd(...start: Parameters<typeof spawnProgram>): Promise<string> {
  const program = spawnProgram(...start);
  await program.ended;
  return program.output();
}

async function untilConnected(path: string): Promise<void> {
  for (;;) {
    const socket = connect(path);
    try {
      await once(socket, 'connect');
      return;
    } catch {
      await sleep(20);
    } finally {
      socket.destroy();
    }
  }
}

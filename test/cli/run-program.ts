import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { withDeadline } from '../support/with-deadline.ts';
import { COMPILED } from '../support/compiled.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const DEADLINE_MS = 20_000;

export interface ProgramOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** The Node to run; this one unless given. */
  readonly node?: string;
  /** The program's first file; the sources unless given. */
  readonly main?: string;
}

export interface ProgramEnd {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program, which is expected to end of itself, and tells how it ended. */
export async function runProgram(args: readonly string[], options: ProgramOptions = {}): Promise<ProgramEnd> {
  const child = spawnProgram(args, options);
  try {
    const [stdout, stderr] = await withDeadline(
      Promise.all([text(child.stdout!), text(child.stderr!), once(child, 'close')]),
      `the end of s3-helper ${args.join(' ')}`,
      DEADLINE_MS,
    );
    return { code: child.exitCode, stdout, stderr };
  } finally {
    child.kill('SIGKILL');
  }
}

type LogLine = Readonly<Record<string, unknown>>;

export interface RunningProgram {
  /** Its log up to the line that says what it listens on. */
  readonly log: readonly LogLine[];
  /** What it listens on. */
  readonly listen: readonly string[];
  /** Sends SIGTERM and waits for the end. @returns the exit code */
  stop(): Promise<number | null>;
}

/** Starts the daemon with made-up credentials and waits until it listens. */
export async function startProgram(
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<RunningProgram> {
  const child = spawnProgram(args, options);
  const closed = once(child, 'close');
  const stderr = text(child.stderr!);
  try {
    const log = await withDeadline(readStart(child), 'the line that says it listens', DEADLINE_MS);
    const stop = async (): Promise<number | null> => {
      child.kill('SIGTERM');
      await withDeadline(closed, 'the end after SIGTERM', DEADLINE_MS);
      return child.exitCode;
    };
    return { log, listen: log.at(-1)?.['listen'] as readonly string[], stop };
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(`s3-helper did not start: ${await stderr}`, { cause: error });
  }
}

async function readStart(child: ChildProcess): Promise<readonly LogLine[]> {
  const log: LogLine[] = [];
  for await (const line of createInterface({ input: child.stdout! })) {
    const entry = JSON.parse(line) as LogLine;
    log.push(entry);
    if (entry['msg'] === 'listening') break;
  }
  if (log.at(-1)?.['msg'] !== 'listening') throw new Error('the daemon ended before it listened');
  child.stdout!.resume();
  return log;
}

/** In an environment without settings or an AWS account of the machine's own. */
function spawnProgram(args: readonly string[], options: ProgramOptions): ChildProcess {
  const kept = Object.entries(process.env).filter(([name]) => !/^(?:AWS_|S3_HELPER_|NODE_)/.test(name));
  return spawn(options.node ?? process.execPath, [options.main ?? MAIN, ...args], {
    env: {
      ...Object.fromEntries(kept),
      ...COMPILED,
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'an-example',
      AWS_EC2_METADATA_DISABLED: 'true',
      ...options.environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

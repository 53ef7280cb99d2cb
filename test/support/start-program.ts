import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Stream } from 'node:stream';
import { withDeadline } from './with-deadline.ts';
import { COMPILED } from './compiled.ts';
import { S3_CLIENT } from './s3-client.ts';

export interface ProgramOptions {
  /** The configuration file's text. */
  readonly yaml: string;
  /** Beside a clean environment without AWS settings. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The program's first file; that of this checkout unless given. */
  readonly main?: string | undefined;
  /** Listening sockets that are handed over as systemd does it, from descriptor 3 on. */
  readonly passed?: readonly Server[] | undefined;
}

export interface RunningProgram {
  readonly pid: number;
  /** What it reads again at a reload. */
  readonly configFile: string;
  /** As the program says them. */
  readonly addresses: readonly string[];
  /** Of the first address. */
  readonly port: number;
  /** Every line of the log so far, parsed. */
  readonly logLines: Record<string, unknown>[];
  readonly standardError: () => string;
  signal(name: NodeJS.Signals): void;
  /** The exit code, or the signal's name. */
  readonly exited: Promise<number | string>;
  /** SIGTERM, and SIGKILL where that does not end it. */
  stop(): Promise<number | string>;
}

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'main.ts');

/** The program in a process of its own, as a service manager would start it; answers when it listens. */
export async function startProgram({
  yaml,
  environment = {},
  main = MAIN,
  passed = [],
}: ProgramOptions): Promise<RunningProgram> {
  const directory = mkdtempSync(join(tmpdir(), 's3-helper-program-'));
  const configFile = join(directory, 's3-helper.yml');
  writeFileSync(configFile, yaml);
  const command = [process.execPath, main, `--config=${configFile}`];
  // Only the process itself knows its number before it runs.
  const [program = '', ...args] =
    passed.length === 0 ? command : ['sh', '-c', 'LISTEN_PID=$$ exec "$@"', 'sh', ...command];
  const child = spawn(program, args, {
    env: {
      ...(passed.length > 0 && { LISTEN_FDS: String(passed.length) }),
      PATH: process.env['PATH'],
      ...COMPILED,
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      XDG_RUNTIME_DIR: directory,
      ...(S3_CLIENT === 'undici' && { S3_HELPER_S3_CLIENT: S3_CLIENT }),
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe', ...passed.map(takeHandle)],
  });
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('the program has no output');
  const exited = once(child, 'close').then(([code, signal]) => {
    rmSync(directory, { recursive: true, force: true });
    return (code ?? signal) as number | string;
  });
  let standardError = '';
  stderr.setEncoding('utf8').on('data', (text: string) => (standardError += text));
  const logLines: Record<string, unknown>[] = [];
  const listening = Promise.withResolvers<readonly string[]>();
  createInterface({ input: stdout }).on('line', (line) => {
    const fields = JSON.parse(line) as Record<string, unknown>;
    logLines.push(fields);
    if (fields['msg'] === 'listening') listening.resolve(fields['listen'] as string[]);
  });
  const ended = exited.then((code): never => {
    throw new Error(`the program ended with ${code} before it listened: ${standardError}`);
  });
  const addresses = await withDeadline(
    Promise.race([listening.promise, ended]),
    'the line that says where it listens',
  ).catch((error: unknown) => {
    // Nobody else knows of it.
    child.kill('SIGKILL');
    throw error;
  });
  return {
    pid: child.pid ?? 0,
    configFile,
    addresses,
    port: Number(/:(\d+)$/.exec(addresses[0] ?? '')?.[1]),
    logLines,
    standardError: () => standardError,
    signal: (name) => child.kill(name),
    exited,
    stop: async () => {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
      const code = await exited;
      clearTimeout(timer);
      return code;
    },
  };
}

/** What spawn() hands over; there is no public name for it. */
function takeHandle(server: Server): Stream {
  return (server as unknown as { readonly _handle: Stream })._handle;
}

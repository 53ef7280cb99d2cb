import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { type NginxFiles, type NginxOptions, writeNginxFiles } from './nginx-files.ts';

const START_DEADLINE_MS = 10_000;
const STOP_DEADLINE_MS = 5_000;
const BIND_ATTEMPTS = 3;
// The master logs this after it has bound every address, so connections are accepted from here on.
const LISTENING_LINE = 'start worker process ';
const BIND_FAILURE = 'Address already in use';

export interface RunningNginx {
  /** Port of the first `listen` on TCP; 0 where all are unix sockets. */
  readonly port: number;
  /** Port by the address as the configuration writes it: `127.0.0.1:8081`, or `80`. */
  readonly ports: ReadonlyMap<string, number>;
  /** `http://127.0.0.1:PORT` of the first port. */
  readonly url: string;
  /** Path of the first `listen unix:`; empty where there is none. */
  readonly socketPath: string;
  /** All that nginx has logged as errors or notices. */
  readonly errorLog: () => string;
  /**
   * One line per finished request: connection number, "request line", Range or -, status, bytes of the body, Host. A
   * request's line is there once a later request to the same nginx was answered.
   */
  readonly accessLog: () => string;
  /** Ends nginx and removes its folder. */
  readonly close: () => Promise<void>;
}

/**
 * Starts Debian's nginx on an http-level configuration and resolves when it accepts connections.
 * @throws {Error} with nginx's own words when it refuses the configuration, and the package's name when nginx is missing.
 */
export async function startNginx(options: NginxOptions): Promise<RunningNginx> {
  for (let attempt = 1; ; attempt += 1) {
    const files = await writeNginxFiles(options);
    const nginx = spawnNginx(files, []);
    try {
      await waitUntilListening(nginx);
      return describe(files, nginx);
    } catch (error) {
      await stop(nginx);
      rmSync(files.folder, { recursive: true, force: true });
      // Another process may have taken a port between our choice and nginx's bind.
      if (attempt === BIND_ATTEMPTS || !nginx.errors().includes(BIND_FAILURE)) throw error;
    }
  }
}

/**
 * Has nginx check an http-level configuration (`nginx -t`) and resolves with what it says.
 * @throws {Error} with nginx's words when the configuration is refused.
 */
export async function testNginxConf(options: NginxOptions): Promise<string> {
  const files = await writeNginxFiles(options);
  const nginx = spawnNginx(files, ['-t']);
  try {
    await nginx.exited;
    if (nginx.child.exitCode !== 0) throw new Error(`nginx refused the configuration.\n${nginx.errors()}`);
    return nginx.errors();
  } finally {
    await stop(nginx);
    rmSync(files.folder, { recursive: true, force: true });
  }
}

interface NginxProcess {
  readonly child: ChildProcess;
  readonly errors: () => string;
  /** Resolves when the process is gone and its output read; rejects when there is no nginx. */
  readonly exited: Promise<void>;
}

function spawnNginx({ folder, confFile }: NginxFiles, extraArgs: readonly string[]): NginxProcess {
  // -e: what happens before the configuration is read goes to stderr too.
  const args = ['-p', folder, '-c', confFile, '-e', 'stderr', ...extraArgs];
  // Debian keeps it in /usr/sbin, which is not in every user's PATH.
  const env = { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` };
  const child = spawn('nginx', args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const exited = once(child, 'close').then(
    () => undefined,
    (cause: unknown) => {
      throw new Error("nginx could not be started; it comes with Debian's package `nginx`.", { cause });
    },
  );
  exited.catch(() => undefined); // Whoever waits gets it.
  const kill = () => child.kill();
  process.once('exit', kill);
  child.once('close', () => process.off('exit', kill));
  return { child, errors: () => errors, exited };
}

async function waitUntilListening({ child, errors, exited }: NginxProcess): Promise<void> {
  const deadline = AbortSignal.timeout(START_DEADLINE_MS);
  const gone = exited.then(() => {
    throw new Error(`nginx ended at its start.\n${errors()}`);
  });
  gone.catch(() => undefined);
  while (!errors().includes(LISTENING_LINE)) {
    const output = once(child.stderr ?? child, 'data', { signal: deadline }).catch((cause: unknown) => {
      throw new Error(`nginx did not listen within ${START_DEADLINE_MS} ms.\n${errors()}`, { cause });
    });
    await Promise.race([output, gone]);
  }
}

function describe(files: NginxFiles, nginx: NginxProcess): RunningNginx {
  const port = files.ports.values().next().value ?? 0;
  return {
    port,
    ports: files.ports,
    url: `http://127.0.0.1:${port}`,
    socketPath: files.socketPath,
    errorLog: nginx.errors,
    accessLog: () => readFileSync(files.accessLogFile, 'utf8'),
    close: async () => {
      await stop(nginx);
      rmSync(files.folder, { recursive: true, force: true });
    },
  };
}

/** SIGTERM ends master and workers at once, in mid-response too. */
async function stop({ child, exited }: NginxProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
  await exited.finally(() => clearTimeout(killer));
}

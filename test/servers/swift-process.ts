import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { SwiftServerName } from './swift-config.ts';

/** Debian's own interpreter, the one that finds Debian's Swift; another may stand first in PATH. */
export const DEBIAN_PYTHON = '/usr/bin/python3';

const KILL_DEADLINE_MS = 10_000;
const LOG_TAIL_LINES = 25;
/** Where the server says that it listens; see swift-server.py. */
const READY_FD = 3;

/** One Swift server that was started and may not listen yet. */
export interface SwiftProcess {
  readonly name: SwiftServerName;
  readonly child: ChildProcess;
  readonly logFile: string;
}

/** Starts one server by its configuration file `NAME.conf`; its output goes to `NAME.log` beside it. */
export function startSwiftProcess(name: SwiftServerName, swiftDirectory: string): SwiftProcess {
  const script = join(import.meta.dirname, 'swift-server.py');
  const configFile = join(swiftDirectory, `${name}.conf`);
  const appSection = name === 'tls-proxy' ? 'proxy-server' : `${name}-server`;
  const logFile = join(swiftDirectory, `${name}.log`);
  const log = openSync(logFile, 'a');
  try {
    // Isolated (-I): PYTHONPATH and the user's own packages must not change which Swift runs.
    const child = spawn(DEBIAN_PYTHON, ['-I', script, swiftDirectory, configFile, appSection], {
      stdio: ['ignore', log, log, 'pipe'],
    });
    // A program that cannot be started is seen as one that ended before it listened.
    child.on('error', () => undefined);
    return { name, child, logFile };
  } finally {
    closeSync(log);
  }
}

/**
 * Resolves when the server listens.
 * @throws {Error} with the tail of its log, when it ended or the signal (the start's deadline) came first
 */
export async function waitUntilListening(server: SwiftProcess, deadline: AbortSignal): Promise<void> {
  const ready = server.child.stdio[READY_FD] as Readable;
  const listening = once(ready, 'data', { signal: deadline }).then(() => true);
  const ended = once(ready, 'close').then(() => false);
  const listens = await Promise.race([listening, ended]).catch((cause: unknown) => {
    throw new Error(`Swift's ${server.name} server did not listen in time.\n${logTail(server)}`, { cause });
  });
  if (!listens) throw new Error(`Swift's ${server.name} server ended at its start.\n${logTail(server)}`);
}

function logTail({ logFile }: SwiftProcess): string {
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n');
  return ['The end of its log:', ...lines.slice(-LOG_TAIL_LINES)].join('\n');
}

/** Ends the server at once, for it keeps nothing worth a goodbye, and resolves when it is gone. */
export async function killSwiftProcess({ child }: SwiftProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit', { signal: AbortSignal.timeout(KILL_DEADLINE_MS) });
  child.kill('SIGKILL');
  await exit;
}

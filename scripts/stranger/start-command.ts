import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface CommandOptions {
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  /** From the start; then everything that the command has started is ended. */
  readonly deadlineMs: number;
}

/** A command and all that it starts. */
export interface RunningCommand {
  /** What was said so far, on both outputs. */
  output(): string;
  /** Waits until the output fits. @throws {Error} with the output, where the command ends or the deadline comes first */
  until(pattern: RegExp): Promise<RegExpExecArray>;
  /** Sends a signal to all, as a terminal does at Ctrl-C. */
  signal(name: NodeJS.Signals): void;
  /** The exit code, or the signal's name, when all outputs are closed. */
  readonly ended: Promise<number | string>;
}

/** Starts a program in a process group of its own, which a deadline ends whole. */
export function startCommand(
  [program = '', ...args]: readonly string[],
  { cwd, environment, deadlineMs }: CommandOptions,
): RunningCommand {
  const child = spawn(program, args, {
    cwd,
    env: environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const listeners = new Set<() => void>();
  let output = '';
  let isOver = false;
  const signal = (name: NodeJS.Signals): void => {
    try {
      process.kill(-(child.pid ?? 0), name);
    } catch {
      // All of the group have ended.
    }
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      for (const listener of listeners) listener();
    });
  }
  const timer = setTimeout(() => signal('SIGKILL'), deadlineMs);
  const ended = once(child, 'close').then(() => {
    isOver = true;
    clearTimeout(timer);
    for (const listener of listeners) listener();
    return (child.exitCode ?? child.signalCode) as number | string;
  });
  const until = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = pattern.exec(output);
        if (found === null && !isOver) return;
        listeners.delete(look);
        if (found !== null) resolve(found);
        else reject(new Error(`${program} ${args.join(' ')} never said ${String(pattern)}:\n${output}`));
      };
      listeners.add(look);
      look();
    });
  return { output: () => output, until, signal, ended };
}

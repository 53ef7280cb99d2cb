import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { withDeadline } from '../support/with-deadline.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');
const START_DEADLINE_MS = 30_000;

export interface RunningDemo {
  /** What it has said so far, on both outputs. */
  output(): string;
  /** Presses Ctrl-C and waits for the end. @returns the exit code */
  stop(): Promise<number | null>;
}

/** Runs `s3-helper demo` and answers when it has said that it is up. */
export async function startDemo(
  args: readonly string[],
  {
    main = MAIN,
    environment = {},
  }: { readonly main?: string; readonly environment?: NodeJS.ProcessEnv } = {},
): Promise<RunningDemo> {
  const child = spawn(process.execPath, [main, 'demo', ...args], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const closed = once(child, 'close');
  const isUp = new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        if (output.includes('Ctrl-C ends it.')) resolve();
      });
    }
    closed.then(() => reject(new Error(`the demo ended at once:\n${output}`)), reject);
  });
  try {
    await withDeadline(isUp, 'the sentence that ends what the demo says', START_DEADLINE_MS);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  return {
    output: () => output,
    stop: async () => {
      child.kill('SIGINT');
      const timer = setTimeout(() => child.kill('SIGKILL'), START_DEADLINE_MS);
      await closed;
      clearTimeout(timer);
      return child.exitCode;
    },
  };
}

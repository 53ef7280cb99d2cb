import { execFile } from 'node:child_process';

const DEADLINE_MS = 30_000;

/** What Prometheus's own checker said. */
export interface PromtoolEnd {
  readonly code: number;
  /** Both of its outputs. */
  readonly output: string;
}

/** Runs Debian's promtool, with a text on its standard input. @throws {Error} where it is missing */
export function runPromtool(args: readonly string[], input = ''): Promise<PromtoolEnd> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      '/usr/bin/promtool',
      [...args],
      { timeout: DEADLINE_MS },
      (error, stdout, stderr) => {
        if (error !== null && typeof error.code !== 'number') reject(new Error(error.message));
        else resolve({ code: Number(error?.code ?? 0), output: stdout + stderr });
      },
    );
    child.stdin?.end(input);
  });
}

import type { RunningProgram } from '../support/start-program.ts';
import type { LogCounts } from './soak-verdict.ts';

/** Counts what the log of a program says, and forgets it: there is too much to keep. */
export class LogReader {
  readonly errors = new Map<string, number>();
  readonly counts: LogCounts = { requests: 0, retried: 0, hedges: 0, resumes: 0, causes: new Map() };
  readonly #program: RunningProgram;
  readonly #timer: NodeJS.Timeout;

  constructor(program: RunningProgram) {
    this.#program = program;
    this.#timer = setInterval(() => this.#read(), 1000);
  }

  /** Reads to the end. */
  stop(): void {
    clearInterval(this.#timer);
    this.#read();
  }

  #read(): void {
    for (const line of this.#program.logLines.splice(0)) {
      const { level, msg, failure, cause, attempts, hedges, resumes, retried_for: causes } = line;
      if (level === 'error') {
        countOne(this.errors, JSON.stringify({ msg, failure, cause }));
      }
      if (msg !== 'request') continue;
      this.counts.requests += 1;
      this.counts.retried += Number(attempts) > 1 ? 1 : 0;
      this.counts.hedges += Number(hedges ?? 0);
      this.counts.resumes += Number(resumes ?? 0);
      for (const why of (causes as readonly string[] | undefined) ?? []) countOne(this.counts.causes, why);
    }
  }
}

function countOne(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

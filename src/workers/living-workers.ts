import type { ChildProcess } from 'node:child_process';
import type { WorkerCounts } from '../telemetry/owner-metrics.ts';
import type { ToWorker } from './messages.ts';

/** Beyond the drain's own deadline, for a worker that hangs. */
const KILL_MARGIN_MS = 5000;

/** Every worker that lives, also one that drains. */
export class LivingWorkers {
  readonly #alive = new Set<ChildProcess>();
  readonly #draining = new WeakSet<ChildProcess>();

  add(worker: ChildProcess): void {
    this.#alive.add(worker);
    worker.once('exit', () => this.#alive.delete(worker));
  }

  /** Tells all of them something. */
  broadcast(message: ToWorker): void {
    for (const worker of this.#alive) tellWorker(worker, message);
  }

  drainAll(deadlineMs: number): Promise<unknown> {
    return Promise.all([...this.#alive].map((worker) => this.drain(worker, deadlineMs)));
  }

  /** Lets a worker finish what is in flight. @param deadlineMs - undefined lets it take its time */
  async drain(worker: ChildProcess, deadlineMs: number | undefined): Promise<void> {
    if (!this.#alive.has(worker)) return;
    this.#draining.add(worker);
    const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    tellWorker(worker, { type: 'drain', deadlineMs });
    const kill = (): boolean => worker.kill('SIGKILL');
    const timer = deadlineMs === undefined ? undefined : setTimeout(kill, deadlineMs + KILL_MARGIN_MS);
    await exited;
    clearTimeout(timer);
  }

  killAll(): void {
    for (const worker of this.#alive) worker.kill('SIGKILL');
  }

  /** How many do what. @param seated - to whom connections are dealt */
  count(seated: ReadonlySet<ChildProcess | undefined>): WorkerCounts {
    const counts = { starting: 0, serving: 0, draining: 0 };
    for (const worker of this.#alive) {
      if (this.#draining.has(worker)) counts.draining += 1;
      else if (seated.has(worker)) counts.serving += 1;
      else counts.starting += 1;
    }
    return counts;
  }
}

/** A worker that cannot be told is about to be found dead. */
export function tellWorker(worker: ChildProcess, message: ToWorker): void {
  if (worker.connected) worker.send(message, () => undefined);
}

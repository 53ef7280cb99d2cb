import { type ChildProcess, fork } from 'node:child_process';
import type { Config } from '../config/config.ts';
import type { OpenCredentials } from '../credentials/open-credentials.ts';
import type { SigningClock } from '../s3/signing-clock.ts';
import type { Logger } from '../telemetry/create-logger.ts';
import type { WorkerCounts } from '../telemetry/owner-metrics.ts';
import { answerRefusal } from './answer-refusal.ts';
import { ConnectionDealer } from './connection-dealer.ts';
import type { ToSupervisor, ToWorker } from './messages.ts';
import type { WorkerReports } from './worker-reports.ts';

export interface SupervisorParts {
  readonly config: Config;
  readonly workerCount: number;
  readonly credentials: OpenCredentials;
  readonly clock: SigningClock;
  readonly logger: Logger;
  /** Takes what the workers count; undefined where nobody wants to know. */
  readonly reports?: WorkerReports | undefined;
}

const LEAST_RESTART_DELAY_MS = 100;
const LONGEST_RESTART_DELAY_MS = 10_000;
/** A worker that lived this long starts its back-off anew. */
const HEALTHY_LIFE_MS = 30_000;
/** Beyond the drain's own deadline, for a worker that hangs. */
const KILL_MARGIN_MS = 5000;

/** One place to be filled by a worker. */
interface Seat {
  /** The one that connections are dealt to. */
  worker: ChildProcess | undefined;
  failuresInARow: number;
  restartTimer: NodeJS.Timeout | undefined;
}

/** Runs several processes that serve, accepts connections for them, and keeps the credentials for all of them. */
export class Supervisor {
  readonly #parts: SupervisorParts;
  readonly #dealer: ConnectionDealer;
  readonly #seats: readonly Seat[];
  /** Of every worker that lives, also one that drains. */
  readonly #alive = new Set<ChildProcess>();
  readonly #draining = new WeakSet<ChildProcess>();
  #isStopping = false;

  constructor(parts: SupervisorParts) {
    this.#parts = parts;
    this.#dealer = new ConnectionDealer(parts.config);
    this.#seats = Array.from({ length: parts.workerCount }, () => ({
      worker: undefined,
      failuresInARow: 0,
      restartTimer: undefined,
    }));
  }

  /** Starts all workers, and then listens. @returns where @throws {ListenError} */
  async start(): Promise<readonly string[]> {
    await Promise.all(this.#seats.map((seat) => this.#fill(seat)));
    return this.#dealer.start();
  }

  /** Tells all workers something. */
  broadcast(message: ToWorker): void {
    for (const worker of this.#alive) send(worker, message);
  }

  /** Replaces the workers one after another; each new one serves before its predecessor drains. */
  async roll(): Promise<void> {
    for (const seat of this.#seats) {
      const old = seat.worker;
      await this.#fill(seat);
      if (old !== undefined) void this.#drainWorker(old, this.#parts.config.timeouts.drainMs);
    }
  }

  /** Accepts no more, and lets all workers finish what is in flight, up to the deadline. */
  async drain(deadlineMs: number): Promise<void> {
    this.#stop();
    await Promise.all([...this.#alive].map((worker) => this.#drainWorker(worker, deadlineMs)));
  }

  /** How many workers do what. */
  countWorkers(): WorkerCounts {
    const seated = new Set(this.#seats.map(({ worker }) => worker));
    const counts = { starting: 0, serving: 0, draining: 0 };
    for (const worker of this.#alive) {
      if (this.#draining.has(worker)) counts.draining += 1;
      else if (seated.has(worker)) counts.serving += 1;
      else counts.starting += 1;
    }
    return counts;
  }

  /** Ends all workers at once. */
  kill(): void {
    this.#stop();
    for (const worker of this.#alive) worker.kill('SIGKILL');
  }

  #stop(): void {
    this.#isStopping = true;
    this.#dealer.stop();
    for (const seat of this.#seats) clearTimeout(seat.restartTimer);
  }

  /** Puts a new worker into a seat once it is ready to serve. */
  async #fill(seat: Seat): Promise<void> {
    const [, program = ''] = process.argv;
    // JSON would turn what is undefined into null.
    const worker = fork(program, ['worker'], { serialization: 'advanced' });
    this.#alive.add(worker);
    const startedAtMs = performance.now();
    const isReady = Promise.withResolvers<undefined>();
    worker.on('message', (message: ToSupervisor) => {
      if (message.type === 'ready') {
        this.#parts.reports?.add(worker);
        isReady.resolve(undefined);
      } else if (message.type === 'taken') this.#dealer.noteTaken(message.id);
      else if (message.type === 'report') this.#parts.reports?.take(worker, message);
      else this.#answer(worker, message);
    });
    worker.once('exit', (code, signal) => {
      this.#alive.delete(worker);
      isReady.reject(new Error(`a worker ended with ${signal ?? code} before it was ready`));
      const wasSeated = seat.worker === worker;
      if (wasSeated) this.#seat(seat, undefined);
      this.#dealer.dealAgain(worker);
      if (wasSeated) this.#replace(seat, { code, signal, lifeMs: performance.now() - startedAtMs });
    });
    const { config, credentials, clock } = this.#parts;
    send(worker, {
      type: 'start',
      config,
      credentials: credentials.managers.map((manager) => manager.current()),
      clockOffsetMs: clock.offsetMs,
    });
    await isReady.promise;
    this.#seat(seat, worker);
  }

  #seat(seat: Seat, worker: ChildProcess | undefined): void {
    seat.worker = worker;
    this.#dealer.dealTo(this.#seats.map((one) => one.worker).filter((one) => one !== undefined));
  }

  #replace(
    seat: Seat,
    end: { readonly code: number | null; readonly signal: string | null; readonly lifeMs: number },
  ): void {
    if (this.#isStopping) return;
    seat.failuresInARow = end.lifeMs > HEALTHY_LIFE_MS ? 0 : seat.failuresInARow + 1;
    const { code, signal } = end;
    this.#parts.logger.error({ exit_code: code, signal }, 'a worker has ended; another is started');
    this.#restart(seat);
  }

  #restart(seat: Seat): void {
    const delayMs = Math.min(LONGEST_RESTART_DELAY_MS, LEAST_RESTART_DELAY_MS * 2 ** seat.failuresInARow);
    seat.restartTimer = setTimeout(() => {
      this.#fill(seat).catch((error: unknown) => {
        if (this.#isStopping) return;
        seat.failuresInARow += 1;
        this.#parts.logger.error(
          { cause: String(error) },
          'a worker could not be started; it is tried again',
        );
        this.#restart(seat);
      });
    }, delayMs);
  }

  #answer(
    worker: ChildProcess,
    message: Exclude<ToSupervisor, { readonly type: 'ready' | 'taken' | 'report' }>,
  ): void {
    const { credentials, clock } = this.#parts;
    if (message.type === 'clock') {
      clock.announce(message.offsetMs);
      this.broadcast(message);
      return;
    }
    const { source, id } = message;
    void answerRefusal(credentials.managers[source], message).then((issued) => {
      if (issued !== undefined) send(worker, { type: 'credentials', source, issued });
      send(worker, { type: 'refused-done', id });
    });
  }

  async #drainWorker(worker: ChildProcess, deadlineMs: number): Promise<void> {
    if (!this.#alive.has(worker)) return;
    this.#draining.add(worker);
    const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    send(worker, { type: 'drain', deadlineMs });
    const timer = setTimeout(() => worker.kill('SIGKILL'), deadlineMs + KILL_MARGIN_MS);
    await exited;
    clearTimeout(timer);
  }
}

/** A worker that cannot be told is about to be found dead. */
function send(worker: ChildProcess, message: ToWorker): void {
  if (worker.connected) worker.send(message, () => undefined);
}

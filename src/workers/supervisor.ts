import type { ChildProcess } from 'node:child_process';
import type { Config } from '../config/config.ts';
import type { CredentialLease, CredentialPool } from '../credentials/credential-pool.ts';
import type { IssuedCredentials } from '../credentials/issued-credentials.ts';
import type { PassedSockets } from '../daemon/listen-points.ts';
import type { SigningClock } from '../s3/signing-clock.ts';
import type { Logger } from '../telemetry/create-logger.ts';
import type { WorkerCounts } from '../telemetry/owner-metrics.ts';
import { answerRefusal } from './answer-refusal.ts';
import { ConnectionDealer } from './connection-dealer.ts';
import { LivingWorkers, tellWorker } from './living-workers.ts';
import type { ToSupervisor, ToWorker } from './messages.ts';
import { startWorker, type WorkerEnd } from './start-worker.ts';
import type { WorkerReports } from './worker-reports.ts';

/** What workers serve with. */
export interface WorkerSetup {
  readonly config: Config;
  /** Released when the last of its workers has ended and another set-up is in force. */
  readonly credentials: CredentialLease;
}

export interface SupervisorParts extends WorkerSetup {
  readonly workerCount: number;
  /** Of all set-ups. */
  readonly pool: CredentialPool;
  readonly clock: SigningClock;
  readonly logger: Logger;
  /** Listening sockets that were handed to this process. */
  readonly passed?: PassedSockets | undefined;
  /** Takes what the workers count; undefined where nobody wants to know. */
  readonly reports?: WorkerReports | undefined;
}

const LEAST_RESTART_DELAY_MS = 100;
const LONGEST_RESTART_DELAY_MS = 10_000;
/** A worker that lived this long starts its back-off anew. */
const HEALTHY_LIFE_MS = 30_000;

/** The workers of one set-up. */
interface Crew extends WorkerSetup {
  /** A later one is higher. */
  readonly number: number;
  readonly workers: Set<ChildProcess>;
}

/** One place to be filled by a worker. */
interface Seat {
  /** The one that connections are dealt to. */
  worker: ChildProcess | undefined;
  /** Of that worker's crew. */
  crewNumber: number;
  failuresInARow: number;
  restartTimer: NodeJS.Timeout | undefined;
}

/** Runs several processes that serve, accepts connections for them, and keeps the credentials for all of them. */
export class Supervisor {
  readonly #parts: SupervisorParts;
  readonly #dealer: ConnectionDealer;
  readonly #seats: readonly Seat[];
  #crew: Crew;
  /** Those of whom somebody lives. */
  readonly #crews = new Set<Crew>();
  readonly #living = new LivingWorkers();
  #isStopping = false;

  constructor(parts: SupervisorParts) {
    const { config, credentials, passed, workerCount } = parts;
    this.#parts = parts;
    this.#crew = { config, credentials, number: 0, workers: new Set() };
    this.#dealer = new ConnectionDealer(passed);
    this.#seats = Array.from({ length: workerCount }, () => ({
      worker: undefined,
      crewNumber: 0,
      failuresInARow: 0,
      restartTimer: undefined,
    }));
  }

  /** Starts all workers, and then listens. @returns where @throws {ListenError} */
  async start(): Promise<readonly string[]> {
    await Promise.all(this.#seats.map((seat) => this.#fill(seat, this.#crew)));
    const change = await this.#dealer.prepare(this.#crew.config);
    change.commit();
    return change.addresses;
  }

  /** Tells all workers something. */
  broadcast(message: ToWorker): void {
    this.#living.broadcast(message);
  }

  /**
   * Replaces the workers one after another by such that serve with another set-up; each new one serves before its
   * predecessor drains, for as long as its responses take.
   * @returns where it listens then
   * @throws where an address cannot be used, or the first of the new workers fails; then nothing has changed
   */
  async reload({ config, credentials }: WorkerSetup): Promise<readonly string[]> {
    const change = await this.#dealer.prepare(config);
    const crew = { config, credentials, number: this.#crew.number + 1, workers: new Set<ChildProcess>() };
    const [first, ...others] = this.#seats;
    try {
      if (first !== undefined) await this.#fill(first, crew);
      if (this.#isStopping) throw new Error('the daemon is stopping');
    } catch (error) {
      change.revert();
      throw error;
    }
    this.#crew = crew;
    for (const seat of others) {
      await this.#fill(seat, crew).catch((error: unknown) => this.#restartFailed(seat, error));
    }
    change.commit();
    this.#releaseUnused();
    return change.addresses;
  }

  /** Accepts no more, and lets all workers finish what is in flight, up to the deadline. */
  async drain(deadlineMs: number): Promise<void> {
    this.#stop();
    await this.#living.drainAll(deadlineMs);
  }

  /** How many workers do what. */
  countWorkers(): WorkerCounts {
    return this.#living.count(new Set(this.#seats.map(({ worker }) => worker)));
  }

  /** Ends all workers at once. */
  kill(): void {
    this.#stop();
    this.#living.killAll();
  }

  #stop(): void {
    this.#isStopping = true;
    this.#dealer.stop();
    for (const seat of this.#seats) clearTimeout(seat.restartTimer);
  }

  /** Puts a new worker into a seat once it is ready to serve, and lets the one before it drain. */
  async #fill(seat: Seat, crew: Crew): Promise<void> {
    clearTimeout(seat.restartTimer);
    const { clock, passed } = this.#parts;
    const { worker, isReady } = startWorker({
      start: {
        type: 'start',
        config: crew.config,
        credentials: listIssued(crew.credentials),
        clockOffsetMs: clock.offsetMs,
      },
      passedCount: passed?.size ?? 0,
      onMessage: (message) => this.#take(worker, message),
      onExit: (end) => {
        crew.workers.delete(worker);
        this.#releaseUnused();
        const wasSeated = seat.worker === worker;
        if (wasSeated) this.#seat(seat, undefined);
        this.#dealer.dealAgain(worker);
        if (wasSeated) this.#replace(seat, end);
      },
    });
    this.#living.add(worker);
    crew.workers.add(worker);
    this.#crews.add(crew);
    await isReady;
    // A seat may have been filled with a later crew meanwhile.
    const isLate = crew.number < seat.crewNumber;
    const leaving = isLate ? worker : seat.worker;
    if (!isLate) {
      seat.crewNumber = crew.number;
      this.#seat(seat, worker);
    }
    if (leaving !== undefined) void this.#living.drain(leaving, undefined);
  }

  #take(worker: ChildProcess, message: ToSupervisor): void {
    if (message.type === 'ready') this.#parts.reports?.add(worker);
    else if (message.type === 'taken') this.#dealer.noteTaken(message.id);
    else if (message.type === 'report') this.#parts.reports?.take(worker, message);
    else this.#answer(worker, message);
  }

  #seat(seat: Seat, worker: ChildProcess | undefined): void {
    seat.worker = worker;
    this.#dealer.dealTo(this.#seats.map((one) => one.worker).filter((one) => one !== undefined));
  }

  #releaseUnused(): void {
    for (const crew of this.#crews) {
      if (crew === this.#crew || crew.workers.size > 0) continue;
      this.#crews.delete(crew);
      crew.credentials.release();
    }
  }

  #replace(seat: Seat, end: WorkerEnd): void {
    if (this.#isStopping) return;
    seat.failuresInARow = end.lifeMs > HEALTHY_LIFE_MS ? 0 : seat.failuresInARow + 1;
    const { code, signal } = end;
    this.#parts.logger.error({ exit_code: code, signal }, 'a worker has ended; another is started');
    this.#restart(seat);
  }

  #restart(seat: Seat): void {
    const delayMs = Math.min(LONGEST_RESTART_DELAY_MS, LEAST_RESTART_DELAY_MS * 2 ** seat.failuresInARow);
    seat.restartTimer = setTimeout(() => {
      this.#fill(seat, this.#crew).catch((error: unknown) => this.#restartFailed(seat, error));
    }, delayMs);
  }

  #restartFailed(seat: Seat, error: unknown): void {
    if (this.#isStopping) return;
    seat.failuresInARow += 1;
    this.#parts.logger.error({ cause: String(error) }, 'a worker could not be started; it is tried again');
    this.#restart(seat);
  }

  #answer(
    worker: ChildProcess,
    message: Exclude<ToSupervisor, { readonly type: 'ready' | 'taken' | 'report' }>,
  ): void {
    const { pool, clock } = this.#parts;
    if (message.type === 'clock') {
      clock.announce(message.offsetMs);
      this.broadcast(message);
      return;
    }
    const { source, id } = message;
    void answerRefusal(pool.find(source), message).then((issued) => {
      if (issued !== undefined) tellWorker(worker, { type: 'credentials', source, issued });
      tellWorker(worker, { type: 'refused-done', id });
    });
  }
}

function listIssued({ byKey }: CredentialLease): ReadonlyMap<string, IssuedCredentials> {
  const issued = [...byKey].flatMap(([key, manager]) => {
    const current = manager.current();
    return current === undefined ? [] : [[key, current] as const];
  });
  return new Map(issued);
}

import type { LookupFunction, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config, ListenAddress, Route } from '../config/config.ts';
import type { CredentialSource } from '../credentials/credential-source.ts';
import type { CreateClient } from '../s3/load-clients.ts';
import type { SigningClock } from '../s3/signing-clock.ts';
import type { Logger } from '../telemetry/create-logger.ts';
import type { ReportSink } from '../telemetry/request-report.ts';
import type { ServingState } from '../telemetry/serving-telemetry.ts';
import { ClientListener, readTimeouts } from './client-listener.ts';
import { createGeneration, type Generation } from './create-generation.ts';
import { type BrokenRequest, setClientTimeouts } from './create-http-server.ts';
import { addConnections } from './create-routes.ts';
import { ListenPoints, type PassedSockets } from './listen-points.ts';
import { RequestSlots } from './request-slots.ts';

export interface DaemonParts {
  readonly config: Config;
  readonly credentials: { forRoute(route: Route): CredentialSource };
  readonly clock: SigningClock;
  /** Knows the clients that the routes name. */
  readonly createClient: CreateClient;
  readonly logger: Logger;
  /** Takes the reports in place of the access log. */
  readonly reports?: ReportSink | undefined;
  /** Take the reports beside the access log. */
  readonly otherSinks?: readonly ReportSink[] | undefined;
  /** Told of what has no report. */
  readonly observer?: DaemonObserver | undefined;
  /** Listening sockets that were handed to this process. */
  readonly passed?: PassedSockets | undefined;
  readonly lookup?: LookupFunction | undefined;
  readonly ca?: string | undefined;
  /** Told when another configuration is in force and the last request that was served with this one has ended. */
  readonly onRetired?: (() => void) | undefined;
}

/** What another configuration brings along. */
export type NextParts = Pick<DaemonParts, 'config' | 'credentials' | 'createClient' | 'onRetired'>;

/** Counts what happens outside of requests. */
export interface DaemonObserver {
  /** A connection has sent what is no request. */
  noteBroken(failure: BrokenRequest): void;
  /** The fast signer has failed its self-check for one S3 host. */
  noteSignerMismatch(): void;
}

export interface Daemon {
  /** What it holds at this moment. */
  readState(): ServingState;
  /** Listens on every configured address. @returns them, with real ports @throws {ListenError} */
  start(): Promise<readonly string[]>;
  /**
   * Serves connections that another process has accepted.
   * @returns takes such a connection, paused, and the kind of address it came to
   */
  adopt(): (kind: ListenAddress['kind'], socket: Socket) => void;
  /**
   * Serves new requests by another configuration. Those under way end as they began; addresses that stay are not closed
   * for a moment, and new ones are open before others close.
   * @returns the addresses
   * @throws {ListenError} or Node's error for a file; then nothing has changed
   */
  reload(next: NextParts): Promise<readonly string[]>;
  /**
   * Stops accepting, lets responses in flight end, and cuts those that have not at the deadline. A second call brings a
   * deadline of its own.
   * @returns how many were cut
   */
  drain(deadlineMs: number): Promise<number>;
}

/** A client that has just connected sends its request at once; it is waited for so long before its connection closes. */
const FRESH_MS = 250;
const LOOK_INTERVAL_MS = 5;

/** Builds the daemon from its parts: the one place where the stages are put together. */
export function createDaemon(parts: DaemonParts): Daemon {
  return new RunningDaemon(parts);
}

class RunningDaemon implements Daemon {
  readonly #parts: DaemonParts;
  readonly #slots: RequestSlots;
  readonly #points: ListenPoints<ClientListener>;
  readonly #listeners = new Set<ClientListener>();
  #current: Generation;
  /** To come, while its addresses are opened. */
  #next: Generation | undefined;
  #onCurrentRetired: (() => void) | undefined;
  /** With all that still serve. */
  readonly #generations = new Set<Generation>();
  #isDraining = false;

  constructor(parts: DaemonParts) {
    this.#parts = parts;
    this.#onCurrentRetired = parts.onRetired;
    this.#slots = new RequestSlots(parts.config.limits);
    this.#current = createGeneration(parts, this.#slots);
    this.#generations.add(this.#current);
    this.#points = new ListenPoints({
      create: ({ kind }) => this.#createListener(kind),
      passed: parts.passed,
    });
  }

  readState(): ServingState {
    const generations = [...this.#generations];
    return {
      requestsInFlight: sum(generations.map(({ inFlight }) => inFlight.count)),
      requestsQueued: this.#slots.queueLength,
      connections: addConnections(generations.map((one) => one.countConnections())),
    };
  }

  async start(): Promise<readonly string[]> {
    const change = await this.#points.prepare(this.#current.config);
    change.commit();
    return change.addresses;
  }

  adopt(): (kind: ListenAddress['kind'], socket: Socket) => void {
    const adopters = {
      tcp: this.#createListener('tcp').adopt(),
      unix: this.#createListener('unix').adopt(),
    };
    return (kind, socket) => adopters[kind](socket);
  }

  async reload(next: NextParts): Promise<readonly string[]> {
    const generation = createGeneration({ ...this.#parts, ...next }, this.#slots);
    this.#next = generation;
    try {
      const change = await this.#points.prepare(next.config);
      if (this.#isDraining) {
        change.revert();
        throw new Error('the daemon is stopping');
      }
      this.#replaceCurrent(generation, next.onRetired);
      change.commit();
      return change.addresses;
    } catch (error) {
      void generation.retire();
      throw error;
    } finally {
      this.#next = undefined;
    }
  }

  async drain(deadlineMs: number): Promise<number> {
    const endsAtMs = performance.now() + deadlineMs;
    this.#isDraining = true;
    const generations = [...this.#generations];
    for (const { inFlight } of generations) inFlight.endConnections();
    for (const listener of this.#listeners) listener.stop();
    await this.#waitForFresh(Math.min(deadlineMs, FRESH_MS));
    const leftMs = Math.max(0, endsAtMs - performance.now());
    const cuts = await Promise.all(generations.map(({ inFlight }) => inFlight.drain(leftMs)));
    for (const { connections } of this.#listeners) connections.closeAll();
    // The reports of what was cut come with the ends of the connections.
    await Promise.all([...this.#listeners].map(({ closed }) => closed));
    await Promise.all(generations.map((generation) => generation.retire()));
    return sum(cuts);
  }

  #replaceCurrent(next: Generation, onRetired: NextParts['onRetired']): void {
    const [old, onOldRetired] = [this.#current, this.#onCurrentRetired];
    this.#current = next;
    this.#onCurrentRetired = onRetired;
    this.#generations.add(next);
    this.#slots.setLimits(next.config.limits);
    for (const { server } of this.#points.listeners) setClientTimeouts(server, readTimeouts(next));
    void old.retire().then(() => {
      this.#generations.delete(old);
      onOldRetired?.();
    });
  }

  #createListener(kind: ListenAddress['kind']): ClientListener {
    // An address that is new serves nobody by the old configuration.
    const pending = this.#next;
    const generation = (): Generation =>
      pending !== undefined && this.#next === pending ? pending : this.#current;
    const listener = new ClientListener({
      ...{ kind, generation },
      reportBroken: (failure) => {
        if (generation().config.log.access !== 'off') this.#parts.logger.info({ failure }, 'not a request');
        this.#parts.observer?.noteBroken(failure);
      },
    });
    this.#listeners.add(listener);
    void listener.closed.then(() => this.#listeners.delete(listener));
    return listener;
  }

  async #waitForFresh(mostMs: number): Promise<void> {
    const endsAtMs = performance.now() + mostMs;
    const isAnyFresh = (): boolean =>
      [...this.#listeners].some(({ connections }) => connections.countFresh() > 0);
    while (isAnyFresh() && performance.now() < endsAtMs) await sleep(LOOK_INTERVAL_MS);
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

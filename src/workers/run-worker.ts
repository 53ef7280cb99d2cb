import { Socket } from 'node:net';
import type { ListenAddress } from '../config/config.ts';
import { SYSTEM_CLOCK } from '../credentials/credential-clock.ts';
import { groupCredentials } from '../credentials/group-credentials.ts';
import { RelayedCredentials } from '../credentials/relayed-credentials.ts';
import { createDaemon } from '../daemon/create-daemon.ts';
import { loadClients } from '../s3/load-clients.ts';
import { SigningClock } from '../s3/signing-clock.ts';
import { createLogger, type Logger } from '../telemetry/create-logger.ts';
import type { Environment } from '../telemetry/newrelic/agent-environment.ts';
import { openNewRelic } from '../telemetry/open-new-relic.ts';
import { openServingTelemetry } from '../telemetry/open-serving-telemetry.ts';
import { Drains } from './drains.ts';
import type { ToSupervisor, ToWorker } from './messages.ts';
import { SupervisorReporter } from './report-to-supervisor.ts';

type Start = Extract<ToWorker, { readonly type: 'start' }>;

/** A supervisor that has not answered by then is asked again by the next refusal. */
const ANSWER_DEADLINE_MS = 30_000;

/**
 * Serves as one of several workers, until the supervisor says to drain or is gone.
 * @param environment - of this process
 * @returns the exit code
 */
export async function runWorker(environment: Environment): Promise<number> {
  ignoreSignals();
  const channel = new Channel();
  const start = await channel.started;
  const logger = createLogger({ ...start.config.log, isShared: true });
  try {
    return await serve(start, channel, { logger, environment });
  } finally {
    await logger.end();
  }
}

interface OfProcess {
  readonly logger: Logger;
  readonly environment: Environment;
}

async function serve(start: Start, channel: Channel, { logger, environment }: OfProcess): Promise<number> {
  const { config } = start;
  const clock = new SigningClock((offsetMs) => channel.send({ type: 'clock', offsetMs }));
  clock.adopt(start.clockOffsetMs);
  const refusals = new Refusals(channel);
  const { groups, indexOf } = groupCredentials(config);
  const relayedClock = { ...SYSTEM_CLOCK, nowMs: () => clock.nowMs() };
  const sources = groups.map(
    ({ key }) => new RelayedCredentials(relayedClock, (refused) => refusals.ask(key, refused)),
  );
  const byKey = new Map(groups.map(({ key }, index) => [key, sources[index]]));
  for (const [key, issued] of start.credentials) byKey.get(key)?.set(issued);
  const drains = new Drains();
  channel.listen((message) => {
    // The supervisor keeps those of other configurations, too.
    if (message.type === 'credentials') byKey.get(message.source)?.set(message.issued);
    else if (message.type === 'refused-done') refusals.finish(message.id);
    else if (message.type === 'clock') clock.adopt(message.offsetMs);
    else if (message.type === 'drain') drains.begin(message.deadlineMs);
  });
  // Without a supervisor there are no new credentials, and nobody who would notice this process.
  process.once('disconnect', () => drains.begin(config.timeouts.drainMs));

  const newRelic = await openNewRelic(config, environment, logger);
  const telemetry = await openServingTelemetry(config, 'worker');
  const daemon = createDaemon({
    config,
    createClient: await loadClients(config.routes.map(({ s3 }) => s3.client)),
    clock,
    logger,
    otherSinks: [newRelic, telemetry].flatMap((part) => part?.sink ?? []),
    observer: telemetry,
    credentials: { forRoute: (route) => sources[indexOf(route)] ?? raise('a route without credentials') },
  });
  telemetry?.watch(() => daemon.readState());
  const reporter = telemetry && new SupervisorReporter(telemetry, (report) => channel.sendOut(report));
  channel.onReportWanted = (wanted) => void reporter?.answer(wanted);
  channel.onConnection = daemon.adopt();
  channel.send({ type: 'ready' });
  const cutCount = await drains.run((deadlineMs) => daemon.drain(deadlineMs));
  await Promise.all([newRelic?.stop(), reporter?.close()]);
  if (cutCount > 0)
    logger.warn({ responses_cut: cutCount }, 'responses were cut at the deadline of the drain');
  return 0;
}

/** Requests for better credentials that are under way, by their number. */
class Refusals {
  readonly #channel: Channel;
  readonly #waiting = new Map<number, () => void>();
  #count = 0;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  ask(
    source: string,
    refused: { readonly accessKeyId: string; readonly sessionToken?: string | undefined },
  ): Promise<void> {
    this.#count += 1;
    const id = this.#count;
    const { accessKeyId, sessionToken } = refused;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.finish(id), ANSWER_DEADLINE_MS);
      this.#waiting.set(id, () => {
        clearTimeout(timer);
        resolve();
      });
      this.#channel.send({ type: 'refused', id, source, accessKeyId, sessionToken });
    });
  }

  finish(id: number): void {
    this.#waiting.get(id)?.();
    this.#waiting.delete(id);
  }
}

/** The line to the supervisor. What comes before somebody listens is kept: it may follow right behind the start. */
class Channel {
  #early: ToWorker[] = [];
  #handler: ((message: ToWorker) => void) | undefined;
  onConnection: ((kind: ListenAddress['kind'], socket: Socket) => void) | undefined;
  /** One that comes earlier finds nothing to tell. */
  onReportWanted: ((wanted: Extract<ToWorker, { readonly type: 'report' }>) => void) | undefined;
  readonly #started = Promise.withResolvers<Start>();

  constructor() {
    process.on('message', (received, socket) => {
      const message = received as ToWorker;
      if (message.type === 'connection') this.#adopt(message, socket);
      else if (message.type === 'start') this.#started.resolve(message);
      else if (message.type === 'report') this.onReportWanted?.(message);
      else if (this.#handler === undefined) this.#early.push(message);
      else this.#handler(message);
    });
  }

  get started(): Promise<Start> {
    return this.#started.promise;
  }

  listen(handler: (message: ToWorker) => void): void {
    this.#handler = handler;
    this.#early.forEach(handler);
    this.#early = [];
  }

  #adopt({ id, kind }: Extract<ToWorker, { readonly type: 'connection' }>, socket: unknown): void {
    this.send({ type: 'taken', id });
    // A connection whose client has left on the way arrives without a socket.
    if (!(socket instanceof Socket)) return;
    if (this.onConnection === undefined) socket.destroy();
    else this.onConnection(kind, socket);
  }

  send(message: ToSupervisor): void {
    if (process.connected) process.send?.(message);
  }

  /** @returns when the message is out, or cannot be */
  sendOut(message: ToSupervisor): Promise<void> {
    return new Promise((resolve) => {
      if (process.connected) process.send?.(message, () => resolve());
      else resolve();
    });
  }
}

/** A terminal's Ctrl-C reaches the whole group; the supervisor alone decides what it means. */
function ignoreSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
}

function raise(what: string): never {
  throw new Error(what);
}

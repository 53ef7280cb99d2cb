import type { StatsdSettings } from '../config/config.ts';
import type { Logger } from './create-logger.ts';
import { openDatagramWriter } from './datagram-writer.ts';
import { HostAddress } from './host-address.ts';
import type { RouteTimings } from './route-counts.ts';
import { StatsdClient } from './statsd-client.ts';
import { type StatsdPoint, StatsdPoints } from './statsd-points.ts';
import type { TelemetrySnapshot } from './telemetry-snapshot.ts';

/** How long the end waits for the last sending. */
const CLOSING_TIME_MS = 1000;

export interface StatsdParts {
  readonly logger: Logger;
  readonly takeSnapshot: () => Promise<{
    readonly snapshot: TelemetrySnapshot;
    readonly timings: readonly RouteTimings[];
  }>;
}

/** Sends metrics at an interval. */
export interface Statsd {
  /** Sends once more, and `stop`. */
  close(): Promise<void>;
}

/** Begins to send metrics; undefined where none are to be sent, or cannot be from this machine, which is then logged. */
export function openStatsd(settings: StatsdSettings, parts: StatsdParts): Statsd | undefined {
  const { logger } = parts;
  const told = new Set<string>();
  const onError = (error: NodeJS.ErrnoException): void => {
    const what = error.code ?? error.message;
    // Once each: what is wrong at one sending is wrong at the next.
    if (told.has(what)) return;
    told.add(what);
    logger.warn({ cause: error.message }, 'statsd cannot be reached; metrics are lost or sent later');
  };
  const findClient = openLink(settings, logger, onError);
  return findClient && new StatsdFlusher(settings, parts, findClient);
}

/** Gives the client to send with now; undefined where there is none at the moment. */
type FindClient = () => Promise<StatsdClient | undefined>;

function openLink(
  settings: StatsdSettings,
  logger: Logger,
  onError: (error: Error) => void,
): FindClient | undefined {
  const { address } = settings;
  if (address?.kind === 'udp') return openUdpLink(settings, address, onError);
  if (address === undefined) return undefined;
  try {
    const writer = openDatagramWriter(address.path, onError);
    const client = new StatsdClient(settings, { writer }, onError);
    return () => Promise.resolve(client);
  } catch (error) {
    logger.error(
      { cause: error instanceof Error ? error.message : String(error) },
      'no metrics are sent: for a unix socket statsd needs the optional npm package node-unix-socket-… of this ' +
        'machine, which is not installed; install it, or give statsd.address as host:port',
    );
    return undefined;
  }
}

function openUdpLink(
  settings: StatsdSettings,
  { host, port }: { readonly host: string; readonly port: number },
  onError: (error: Error) => void,
): FindClient {
  const address = new HostAddress(host, onError);
  let client: StatsdClient | undefined;
  let clientIp: string | undefined;
  return async () => {
    const ip = await address.find();
    if (ip === clientIp || ip === undefined) return client;
    void client?.close();
    clientIp = ip;
    client = new StatsdClient(settings, { ip, port }, onError);
    return client;
  };
}

class StatsdFlusher implements Statsd {
  readonly #parts: StatsdParts;
  readonly #findClient: FindClient;
  readonly #points = new StatsdPoints();
  readonly #timer: NodeJS.Timeout;
  #flushing: Promise<void> | undefined;
  /** Not about any snapshot. */
  #events: StatsdPoint[] = [createEvent('start')];

  constructor({ flushIntervalMs }: StatsdSettings, parts: StatsdParts, findClient: FindClient) {
    this.#parts = parts;
    this.#findClient = findClient;
    this.#timer = setInterval(() => {
      // Where the last one still waits for its reader, what it would have sent comes with the next.
      this.#flushing ??= this.#flush();
    }, flushIntervalMs);
    this.#flushing = this.#flush();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    const last = (async () => {
      await this.#flushing;
      this.#events.push(createEvent('stop'));
      await this.#flush();
      await (await this.#findClient())?.close();
    })();
    await Promise.race([last, new Promise((resolve) => setTimeout(resolve, CLOSING_TIME_MS))]);
  }

  /** Never rejects. */
  async #flush(): Promise<void> {
    try {
      const client = await this.#findClient();
      // Without an address nothing is counted as told, so that nothing is missing later.
      if (client === undefined) return;
      const { snapshot, timings } = await this.#parts.takeSnapshot();
      const points = [...this.#events.splice(0), ...this.#points.make(snapshot, timings)];
      await client.send(points);
    } catch (error) {
      this.#parts.logger.error({ cause: String(error) }, 'metrics could not be gathered for statsd');
    } finally {
      this.#flushing = undefined;
    }
  }
}

function createEvent(name: 'start' | 'stop'): StatsdPoint {
  return { name, labels: [], type: 'c', value: 1 };
}

import { StatsD } from 'hot-shots';
import type { StatsdSettings } from '../config/config.ts';
import type { DatagramWriter } from './datagram-writer.ts';
import type { StatsdPoint } from './statsd-points.ts';

/** Fits one Ethernet frame; collectd reads up to 4096 bytes. */
const LARGEST_UDP_BYTES = 1432;
/** What Datadog's agent reads from its socket. */
const LARGEST_UNIX_BYTES = 8192;
/** Nothing waits in the client: it is told when to send. */
const NEVER_MS = 2 ** 31 - 1;
const CLOSING_INTERVAL_MS = 5;

/** Where a client sends. */
export type StatsdTarget =
  { readonly ip: string; readonly port: number } | { readonly writer: DatagramWriter };

/** Writes points in the statsd protocol, many to a datagram. Never throws. */
export class StatsdClient {
  readonly #settings: StatsdSettings;
  readonly #client: StatsD;

  /** @param onError - told of what could not be sent */
  constructor(settings: StatsdSettings, target: StatsdTarget, onError: (error: Error) => void) {
    this.#settings = settings;
    const isDatadog = settings.tags === 'datadog';
    this.#client = new StatsD({
      ...('ip' in target
        ? { protocol: 'udp', host: target.ip, port: target.port, maxBufferSize: LARGEST_UDP_BYTES }
        : { protocol: 'stream', stream: target.writer, maxBufferSize: LARGEST_UNIX_BYTES }),
      prefix: settings.prefix,
      // DD_ENV and its like are for Datadog only: on another line a tag is a mistake.
      datadog: isDatadog,
      includeDataDogTags: isDatadog,
      includeDatadogTelemetry: false,
      originDetection: false,
      bufferFlushInterval: NEVER_MS,
      closingFlushInterval: CLOSING_INTERVAL_MS,
      errorHandler: onError,
    });
  }

  /** Sends all of them. @returns when they are handed to the system, or lost */
  send(points: readonly StatsdPoint[]): Promise<void> {
    for (const point of points) this.#write(point);
    return new Promise((resolve) => this.#client.flush(() => resolve()));
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#client.close(() => resolve()));
  }

  #write({ name, labels, type, value }: StatsdPoint): void {
    const isDatadog = this.#settings.tags === 'datadog';
    const fullName = isDatadog ? name : [name, ...labels.map(([, text]) => toNamePart(text))].join('.');
    const tags = isDatadog ? labels.filter(([, text]) => text !== '').map((label) => label.join(':')) : [];
    const rounded = Math.round(value * 1e6) / 1e6;
    if (type === 'c') this.#client.increment(fullName, rounded, 1, tags);
    else if (type === 'ms') this.#client.timing(fullName, rounded, 1, tags);
    else {
      // Etsy's statsd and collectd take a number with a sign for a change; Datadog knows none.
      if (rounded < 0 && !isDatadog) this.#client.gauge(fullName, 0);
      this.#client.gauge(fullName, rounded, 1, tags);
    }
  }
}

/** A label's value as a part of a name: `/avod/` is `avod`, `/` is `root`, an empty one is `none`. */
export function toNamePart(text: string): string {
  if (text === '') return 'none';
  if (text === '/') return 'root';
  return text.replace(/^\/|\/$/g, '').replaceAll(/[^\w-]+/g, '_');
}

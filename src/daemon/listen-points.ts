import { chmodSync, existsSync } from 'node:fs';
import type { Server } from 'node:net';
import type { Config, ListenAddress } from '../config/config.ts';
import { formatListenAddress } from '../config/listen-address.ts';
import { adoptListener, ListenError, openListener, removeStaleSocket } from './open-listener.ts';

/** Listening sockets that somebody else has opened: descriptors by `formatListenAddress`. */
export type PassedSockets = ReadonlyMap<string, number>;

/** What takes the connections to one address. */
export interface Listener {
  readonly server: Server;
  /** Stops listening, and lets what is under way end. */
  stop(): void;
}

export interface ListenPointsParts<L extends Listener> {
  readonly create: (address: ListenAddress) => L;
  readonly passed?: PassedSockets | undefined;
}

type ListenConfig = Pick<Config, 'listen' | 'socketMode'>;

/** New addresses that are open beside the old ones, until it is known whether they stay. */
export interface ListenChange {
  /** As clients write them, with real ports, in the order of the configuration. */
  readonly addresses: readonly string[];
  /** The new addresses stay, and those that are no longer named are closed. */
  commit(): void;
  /** All is as it was. */
  revert(): void;
}

interface Place {
  readonly address: ListenAddress;
  readonly key: string;
}

interface OpenPoint<L extends Listener> extends Place {
  readonly listener: L;
  readonly where: string;
  readonly socketMode: number;
}

/** The addresses that are listened on, of which some change while the others stay open. */
export class ListenPoints<L extends Listener> {
  readonly #parts: ListenPointsParts<L>;
  #points: readonly OpenPoint<L>[] = [];

  constructor(parts: ListenPointsParts<L>) {
    this.#parts = parts;
  }

  get listeners(): readonly L[] {
    return this.#points.map(({ listener }) => listener);
  }

  /** Opens what is new. @throws {ListenError} where that cannot be; then nothing has changed */
  async prepare({ listen, socketMode }: ListenConfig): Promise<ListenChange> {
    const left = [...this.#points];
    const kept = listen.map((address) => {
      const key = formatListenAddress(address);
      const index = left.findIndex((point) => point.key === key);
      return { address, key, point: index === -1 ? undefined : left.splice(index, 1)[0] };
    });
    const missing = kept.filter(({ point }) => point === undefined);
    for (const { address } of missing) this.#refuseOverlap(address);
    const opened = await this.#openAll(missing, socketMode);
    const waiting = [...opened];
    const points = kept.flatMap(({ point }) => point ?? waiting.splice(0, 1));
    return {
      addresses: points.map(({ where }) => where),
      commit: () => {
        for (const { listener } of left) listener.stop();
        this.#points = points.map((point) => this.#setMode(point, socketMode));
      },
      revert: () => opened.forEach(({ listener }) => listener.stop()),
    };
  }

  stop(): void {
    for (const { listener } of this.#points) listener.stop();
  }

  /** The kernel gives a port to all addresses of the machine or to one of them, not to both. */
  #refuseOverlap(address: ListenAddress): void {
    if (address.kind === 'unix' || address.port === 0) return;
    const rival = this.#points.find(
      (point) =>
        point.address.kind === 'tcp' &&
        point.address.port === address.port &&
        (isWildcard(point.address.host) || isWildcard(address.host)),
    );
    if (rival !== undefined)
      throw new ListenError(
        `cannot listen on ${formatListenAddress(address)} beside ${rival.key}, which is open; this change needs a restart`,
      );
  }

  /** All of them, or none. */
  async #openAll(points: readonly Place[], socketMode: number): Promise<OpenPoint<L>[]> {
    const { create, passed } = this.#parts;
    const ours = points.filter(({ key }) => passed?.has(key) !== true);
    await Promise.all(ours.map(({ address }) => removeStaleSocket(address)));
    const made = points.map((point) => ({ ...point, listener: create(point.address) }));
    const openings = await Promise.allSettled(
      made.map(async (point) => {
        const { address, key, listener } = point;
        const descriptor = passed?.get(key);
        const where =
          descriptor === undefined
            ? await openListener(listener.server, address, socketMode)
            : await adoptListener(listener.server, address, descriptor);
        return { ...point, where, socketMode };
      }),
    );
    for (const opening of openings) {
      if (opening.status === 'fulfilled') continue;
      // A unix socket's file goes with its server.
      for (const { listener } of made) listener.stop();
      throw opening.reason;
    }
    return openings.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  }

  /** Of a socket that stays open; the mode of one that was passed is its owner's. */
  #setMode(point: OpenPoint<L>, socketMode: number): OpenPoint<L> {
    const { address, key } = point;
    const isOurs = address.kind === 'unix' && this.#parts.passed?.has(key) !== true;
    if (isOurs && point.socketMode !== socketMode && existsSync(address.path))
      chmodSync(address.path, socketMode);
    return { ...point, socketMode };
  }
}

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

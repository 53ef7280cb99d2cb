import type { ChildProcess } from 'node:child_process';
import { createServer, type Server, type Socket } from 'node:net';
import type { Config, ListenAddress } from '../config/config.ts';
import {
  type ListenChange,
  type Listener,
  ListenPoints,
  type PassedSockets,
} from '../daemon/listen-points.ts';
import type { ToWorker } from './messages.ts';

type Kind = ListenAddress['kind'];

interface Dealt {
  readonly socket: Socket;
  readonly kind: Kind;
  readonly worker: ChildProcess;
}

/**
 * Accepts connections for the workers and deals them out strictly in turn. nginx keeps few and long connections, which
 * neither the kernel (SO_REUSEPORT) nor a shared listening socket spreads evenly; and since this process keeps the
 * listening sockets, workers come and go without a connection being refused.
 */
export class ConnectionDealer {
  readonly #points: ListenPoints<DealtListener>;
  #workers: readonly ChildProcess[] = [];
  #turn = 0;
  /** Dealt, and not yet taken. */
  readonly #dealt = new Map<number, Dealt>();
  #count = 0;

  /** @param passed - listening sockets that were handed to this process */
  constructor(passed?: PassedSockets) {
    this.#points = new ListenPoints({
      create: ({ kind }) => new DealtListener((socket) => this.#deal(socket, kind)),
      passed,
    });
  }

  /**
   * Opens what is new. Who connects there waits for the commit, as the workers may not know of it before.
   * @throws {ListenError} and then nothing has changed
   */
  async prepare(config: Config): Promise<ListenChange> {
    const change = await this.#points.prepare(config);
    return {
      ...change,
      commit: () => {
        change.commit();
        for (const listener of this.#points.listeners) listener.dealHeld();
      },
    };
  }

  /** Says who serves from now on. */
  dealTo(workers: readonly ChildProcess[]): void {
    this.#workers = workers;
  }

  /** The worker has the connection: this process lets go of it. */
  noteTaken(id: number): void {
    this.#dealt.get(id)?.socket.destroy();
    this.#dealt.delete(id);
  }

  /** What was on its way to a worker that has died is dealt to another. */
  dealAgain(dead: ChildProcess): void {
    for (const [id, { socket, kind, worker }] of this.#dealt) {
      if (worker !== dead) continue;
      this.#dealt.delete(id);
      this.#deal(socket, kind);
    }
  }

  /** Accepts no more. */
  stop(): void {
    this.#points.stop();
  }

  #deal(socket: Socket, kind: Kind): void {
    const workers = this.#workers.filter(({ connected }) => connected);
    const worker = workers[this.#turn % workers.length];
    this.#turn += 1;
    if (worker === undefined) {
      socket.destroy();
      return;
    }
    this.#count += 1;
    const id = this.#count;
    this.#dealt.set(id, { socket, kind, worker });
    const message: ToWorker = { type: 'connection', id, kind };
    // Kept open here until the worker says that it has it. An error is told by the worker's exit, too.
    worker.send(message, socket, { keepOpen: true }, () => undefined);
  }
}

class DealtListener implements Listener {
  readonly server: Server;
  readonly #deal: (socket: Socket) => void;
  /** Until the address is committed to. */
  #held: Socket[] | undefined = [];

  constructor(deal: (socket: Socket) => void) {
    this.#deal = deal;
    this.server = createServer({ pauseOnConnect: true, noDelay: true, keepAlive: true }, (socket) => {
      if (this.#held === undefined) deal(socket);
      else this.#held.push(socket);
    });
  }

  dealHeld(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    held.forEach(this.#deal);
  }

  stop(): void {
    this.server.close();
    for (const socket of this.#held ?? []) socket.destroy();
  }
}

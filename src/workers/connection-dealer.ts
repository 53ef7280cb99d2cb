import type { ChildProcess } from 'node:child_process';
import { createServer, type Server, type Socket } from 'node:net';
import type { Config } from '../config/config.ts';
import { openListener, removeStaleSocket } from '../daemon/open-listener.ts';
import type { ToWorker } from './messages.ts';

interface Dealt {
  readonly socket: Socket;
  readonly listener: number;
  readonly worker: ChildProcess;
}

/**
 * Accepts connections for the workers and deals them out strictly in turn. nginx keeps few and long connections, which
 * neither the kernel (SO_REUSEPORT) nor a shared listening socket spreads evenly; and since this process keeps the
 * listening sockets, workers come and go without a connection being refused.
 */
export class ConnectionDealer {
  readonly #servers: readonly Server[];
  readonly #config: Config;
  #workers: readonly ChildProcess[] = [];
  #turn = 0;
  /** Dealt, and not yet taken. */
  readonly #dealt = new Map<number, Dealt>();
  #count = 0;

  constructor(config: Config) {
    this.#config = config;
    this.#servers = config.listen.map((_, listener) =>
      createServer({ pauseOnConnect: true, noDelay: true, keepAlive: true }, (socket) =>
        this.#deal(socket, listener),
      ),
    );
  }

  /** @returns the addresses, with real ports @throws {ListenError} */
  async start(): Promise<string[]> {
    const { listen, socketMode } = this.#config;
    await Promise.all(listen.map(removeStaleSocket));
    return Promise.all(
      listen.map((address, index) => {
        const server = this.#servers[index];
        if (server === undefined) throw new Error('a listener without a server');
        return openListener(server, address, socketMode);
      }),
    );
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
    for (const [id, { socket, listener, worker }] of this.#dealt) {
      if (worker !== dead) continue;
      this.#dealt.delete(id);
      this.#deal(socket, listener);
    }
  }

  /** Accepts no more. */
  stop(): void {
    for (const server of this.#servers) server.close();
  }

  #deal(socket: Socket, listener: number): void {
    const workers = this.#workers.filter(({ connected }) => connected);
    const worker = workers[this.#turn % workers.length];
    this.#turn += 1;
    if (worker === undefined) {
      socket.destroy();
      return;
    }
    this.#count += 1;
    const id = this.#count;
    this.#dealt.set(id, { socket, listener, worker });
    const message: ToWorker = { type: 'connection', id, listener };
    // Kept open here until the worker says that it has it. An error is told by the worker's exit, too.
    worker.send(message, socket, { keepOpen: true }, () => undefined);
  }
}

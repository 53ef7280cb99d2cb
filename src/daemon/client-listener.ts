import type { Server } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import type { ListenAddress } from '../config/config.ts';
import { ClientConnections } from './client-connections.ts';
import type { Generation } from './create-generation.ts';
import { type BrokenRequest, type ClientTimeouts, createHttpServer } from './create-http-server.ts';
import { proxyRequest } from './proxy-request.ts';

export interface ClientListenerParts {
  readonly kind: ListenAddress['kind'];
  /** What a request that comes now is served with. */
  readonly generation: () => Generation;
  readonly reportBroken: (failure: BrokenRequest) => void;
}

/** An HTTP server whose end cuts nothing. */
export class ClientListener {
  readonly server: Server;
  readonly connections = new ClientConnections();
  /** Resolves once it has stopped and the last of its connections is gone. */
  readonly closed: Promise<unknown>;
  #isStopped = false;

  constructor({ kind, generation, reportBroken }: ClientListenerParts) {
    this.server = createHttpServer({
      ...readTimeouts(generation()),
      serve: (request, response) => {
        if (this.#isStopped) response.shouldKeepAlive = false;
        void proxyRequest(request, response, generation().stagesFor(kind));
      },
      reportBroken,
    });
    this.connections.watch(this.server);
    this.closed = new Promise((resolve) => this.server.once('close', resolve));
    // Once all are gone: node:http's own `close` ends its watch over slow heads.
    void this.closed.then(() => this.server.close());
  }

  /** Serves connections that another process has accepted. */
  adopt(): (socket: Socket) => void {
    // What node:http starts when it listens: the watch over slow heads.
    this.server.emit('listening');
    return (socket) => {
      this.server.emit('connection', socket);
      socket.resume();
    };
  }

  /** Accepts no more, and closes the connections on which nothing is under way; the others close after their answer. */
  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    // Not node:http's own, which would cut what is still being sent.
    NetServer.prototype.close.call(this.server);
    this.connections.closeIdle();
  }
}

export function readTimeouts({ config: { timeouts } }: Generation): ClientTimeouts {
  return { clientHeaderTimeoutMs: timeouts.clientHeaderMs, keepAliveTimeoutMs: timeouts.keepAliveMs };
}

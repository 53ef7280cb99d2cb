import type { IncomingMessage, Server } from 'node:http';
import type { LookupFunction, Socket } from 'node:net';
import type { Config, Route } from '../config/config.ts';
import { isLoopbackAddress } from '../config/loopback-address.ts';
import type { CredentialSource } from '../credentials/credential-source.ts';
import { createHostRule } from '../request/host-rule.ts';
import type { CreateClient } from '../s3/load-clients.ts';
import type { SigningClock } from '../s3/signing-clock.ts';
import { createAccessLog } from '../telemetry/access-log.ts';
import type { Logger } from '../telemetry/create-logger.ts';
import { joinSinks } from '../telemetry/join-sinks.ts';
import type { ReportSink } from '../telemetry/request-report.ts';
import type { ServingState } from '../telemetry/serving-telemetry.ts';
import { type BrokenRequest, createHttpServer } from './create-http-server.ts';
import { createRoutes } from './create-routes.ts';
import { openListener, removeStaleSocket } from './open-listener.ts';
import { type ProxyStages, proxyRequest } from './proxy-request.ts';
import { RequestSlots } from './request-slots.ts';
import { RequestsInFlight } from './requests-in-flight.ts';

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
  readonly lookup?: LookupFunction | undefined;
  readonly ca?: string | undefined;
}

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
  start(): Promise<string[]>;
  /**
   * Serves connections that another process has accepted.
   * @returns takes such a connection, paused, and the index of the address it came to
   */
  adopt(): (listener: number, socket: Socket) => void;
  /**
   * Stops accepting, lets responses in flight end, and cuts those that have not at the deadline.
   * @returns how many were cut
   */
  drain(deadlineMs: number): Promise<number>;
}

/** Builds the daemon from its parts: the one place where the stages are put together. */
export function createDaemon(parts: DaemonParts): Daemon {
  const { config, logger } = parts;
  const routes = createRoutes(parts);
  const inFlight = new RequestsInFlight();
  const slots = new RequestSlots(config.limits);
  const isHostAllowed = createHostRule(config.allowedHosts);
  const reports =
    parts.reports ?? joinSinks([createAccessLog(logger, config.log), ...(parts.otherSinks ?? [])]);
  const servers = config.listen.map((address) => {
    // A unix socket has no peer address; its file mode says who may connect.
    const isPeerAllowed = config.allowRemote || address.kind === 'unix' ? () => true : createPeerRule();
    const rules = { isPeerAllowed, isHostAllowed };
    const stages: ProxyStages = {
      rules,
      routes: routes.entries,
      reports,
      inFlight,
      slots,
      clientStallTimeoutMs: config.timeouts.clientStallMs,
    };
    return {
      address,
      server: createHttpServer({
        clientHeaderTimeoutMs: config.timeouts.clientHeaderMs,
        keepAliveTimeoutMs: config.timeouts.keepAliveMs,
        serve: (request, response) => void proxyRequest(request, response, stages),
        reportBroken: (failure) => {
          if (config.log.access !== 'off') logger.info({ failure }, 'not a request');
          parts.observer?.noteBroken(failure);
        },
      }),
    };
  });
  return {
    readState: () => ({
      requestsInFlight: inFlight.count,
      requestsQueued: slots.queueLength,
      connections: routes.countConnections(),
    }),
    start: async () => {
      await Promise.all(config.listen.map(removeStaleSocket));
      try {
        return await Promise.all(
          servers.map(({ server, address }) => openListener(server, address, config.socketMode)),
        );
      } catch (error) {
        // A unix socket's file goes with its server.
        servers.forEach(({ server }) => server.close());
        throw error;
      }
    },
    adopt: () => {
      // What node:http starts when it listens: the watch over slow heads.
      for (const { server } of servers) server.emit('listening');
      return (listener, socket) => {
        servers[listener]?.server.emit('connection', socket);
        socket.resume();
      };
    },
    drain: async (deadlineMs) => {
      const closed = servers.map(({ server }) => closeServer(server));
      const cutCount = await inFlight.drain(deadlineMs);
      servers.forEach(({ server }) => server.closeAllConnections());
      // The reports of what was cut come with the ends of the connections.
      await Promise.all([...closed, inFlight.whenEmpty()]);
      await routes.close();
      return cutCount;
    },
  };
}

/** Found out once a connection. */
function createPeerRule(): (request: IncomingMessage) => boolean {
  const verdicts = new WeakMap<Socket, boolean>();
  return ({ socket }) => {
    const known = verdicts.get(socket);
    if (known !== undefined) return known;
    const verdict = socket.remoteAddress !== undefined && isLoopbackAddress(socket.remoteAddress);
    verdicts.set(socket, verdict);
    return verdict;
  };
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

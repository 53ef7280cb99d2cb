import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { answerBrokenRequest } from './answer-broken-request.ts';

export interface ClientTimeouts {
  readonly clientHeaderTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
}

export interface HttpServerOptions extends ClientTimeouts {
  /** Serves one request; called for one request of a connection at a time. */
  readonly serve: (request: IncomingMessage, response: ServerResponse) => void;
  /** Told of bytes that are no request, with the failures table's name. */
  readonly reportBroken: (failure: BrokenRequest) => void;
}

/** What gets no further than the parser; CONNECT is one of these, as it has no target of ours. */
export type BrokenRequest =
  'malformed_request' | 'header_too_large' | 'request_head_timeout' | 'method_not_allowed';

const LARGEST_HEAD_BYTES = 16 * 1024;
/** What may wait for a client before S3 is paused: a slow reader holds the piece that was read last, and no second one. */
const CLIENT_BUFFER_BYTES = 16 * 1024;
/** A client that sends this many requests without waiting for an answer is no nginx. */
const MOST_PIPELINED = 32;

/** An HTTP/1 server with bounded heads, idle times and pipelining, which answers each kind of nonsense once and clearly. */
export function createHttpServer(options: HttpServerOptions): Server {
  const server = createServer({
    maxHeaderSize: LARGEST_HEAD_BYTES,
    headersTimeout: options.clientHeaderTimeoutMs,
    // A request has no body, so the whole of it is its head.
    requestTimeout: options.clientHeaderTimeoutMs,
    keepAliveTimeout: options.keepAliveTimeoutMs,
    highWaterMark: CLIENT_BUFFER_BYTES,
    connectionsCheckingInterval: Math.max(50, Math.min(1000, options.clientHeaderTimeoutMs / 4)),
    noDelay: true,
    keepAlive: true,
    insecureHTTPParser: false,
    // A request without a body, which is every one that is served, gets no stream for it.
    optimizeEmptyRequests: true,
    // `admit` asks for it, with an answer that says so.
    requireHostHeader: false,
  });
  const waiting = new WeakMap<Duplex, number>();
  const serveInTurn = (request: IncomingMessage, response: ServerResponse): void => {
    if (request.httpVersionMajor !== 1 || asksForUpgrade(request.rawHeaders))
      response.shouldKeepAlive = false;
    // Node hands over pipelined requests at once and gives the later responses a socket in their turn. Serving one
    // before would read S3's body into memory, and never learn that its client left.
    if (response.socket !== null) {
      options.serve(request, response);
      return;
    }
    const count = (waiting.get(request.socket) ?? 0) + 1;
    waiting.set(request.socket, count);
    if (count > MOST_PIPELINED) request.socket.destroy();
    response.once('socket', () => {
      waiting.set(request.socket, (waiting.get(request.socket) ?? 1) - 1);
      options.serve(request, response);
    });
  };
  server.on('request', serveInTurn);
  // With a listener Node sends no 100 Continue, at which the packager would hang.
  server.on('checkContinue', serveInTurn);
  server.on('checkExpectation', serveInTurn);
  const refuse = (socket: Duplex, reason: BrokenRequest | NodeJS.ErrnoException): void => {
    const failure = answerBrokenRequest(socket, reason);
    if (failure !== undefined) options.reportBroken(failure);
  };
  server.on('connect', (_request: IncomingMessage, socket: Duplex) => {
    // Node has taken its own listeners off. Without one for errors, a connection that breaks now ends the process;
    // without a reader, one that breaks is not noticed.
    socket.on('error', () => socket.destroy());
    socket.resume();
    refuse(socket, 'method_not_allowed');
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => refuse(socket, error));
  return server;
}

/** Changes the times of a server that is open. How often it looks for slow heads stays as it was: each second at least. */
export function setClientTimeouts(server: Server, timeouts: ClientTimeouts): void {
  server.headersTimeout = timeouts.clientHeaderTimeoutMs;
  server.requestTimeout = timeouts.clientHeaderTimeoutMs;
  server.keepAliveTimeout = timeouts.keepAliveTimeoutMs;
}

/**
 * Whether a request has an Upgrade header, without building Node's header object. Node ignores the header, but drops what
 * came in one packet behind such a request: what it reads next may begin anywhere.
 */
function asksForUpgrade(rawHeaders: readonly string[]): boolean {
  return rawHeaders.some((text, index) => index % 2 === 0 && text.length === 7 && /^upgrade$/i.test(text));
}

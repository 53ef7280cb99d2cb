import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A way for one answer to go wrong on the wire. */
export type Fault =
  /** The request is read and never answered; the connection stays open until `close()`. */
  | { readonly kind: 'hang' }
  /** The right answer, late. */
  | { readonly kind: 'slow'; readonly delayMs: number }
  | { readonly kind: 'status'; readonly status: number; readonly body?: string }
  /** 200 with HTML, as a captive portal or a wrong address sends it. */
  | { readonly kind: 'garbage' }
  /** 200 with no body. */
  | { readonly kind: 'empty' }
  /** Half of the body in a well-formed HTTP message. */
  | { readonly kind: 'truncated' }
  /** Half of the body that Content-Length promises, then the connection ends. */
  | { readonly kind: 'cut' }
  /** A TCP reset in place of an answer. */
  | { readonly kind: 'reset' };

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What an emulator decides about one request. */
export interface Verdict<Seen> {
  /** What the record keeps of the request. */
  readonly seen: Seen;
  readonly answer: Answer;
  readonly fault: Fault | undefined;
}

export interface FaultyServer<Seen> {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  /** Every request in the order of arrival, answered or not. */
  readonly requests: readonly Seen[];
  /** Resolves when `count` requests have arrived since the start; rejects after `timeoutMs`, 5 s unless given. */
  waitForRequests(count: number, timeoutMs?: number): Promise<void>;
  /** Ends the server and every connection, hung ones too. */
  close(): Promise<void>;
}

/** An HTTP server on loopback that records each request, answers as `decide` says, and spoils the answer where there is a fault. */
export async function startFaultyServer<Seen>(
  decide: (request: IncomingMessage, body: string) => Verdict<Seen>,
): Promise<FaultyServer<Seen>> {
  const requests: Seen[] = [];
  const arrivals = new EventEmitter();
  const server = createServer((request, response) => {
    const arrive = (body: string): void => {
      const { seen, answer, fault } = decide(request, body);
      requests.push(seen);
      send(response, answer, fault);
      arrivals.emit('request');
    };
    // A client that leaves in the middle of its request has asked for nothing.
    text(request).then(arrive, () => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  async function waitForRequests(count: number, timeoutMs = 5000): Promise<void> {
    const signal = AbortSignal.timeout(timeoutMs);
    while (requests.length < count) {
      await once(arrivals, 'request', { signal }).catch((cause: unknown) => {
        throw new Error(`waited ${timeoutMs} ms for request ${count}, saw ${requests.length}`, { cause });
      });
    }
  }

  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    waitForRequests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function send(response: ServerResponse, answer: Answer, fault: Fault | undefined): void {
  const { status, body, headers } = answer;
  const half = body.slice(0, body.length / 2);
  switch (fault?.kind) {
    case undefined:
      return write(response, answer);
    case 'hang':
      return;
    case 'slow': {
      const timer = setTimeout(() => write(response, answer), fault.delayMs);
      response.once('close', () => clearTimeout(timer));
      return;
    }
    case 'status':
      return write(response, { status: fault.status, body: fault.body ?? '', headers: {} });
    case 'garbage':
      return write(response, {
        status: 200,
        body: '<html>Welcome</html>',
        headers: { 'content-type': 'text/html' },
      });
    case 'empty':
      return write(response, { status: 200, body: '', headers: {} });
    case 'truncated':
      return write(response, { status, body: half, headers });
    case 'cut':
      response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
      response.write(half, () => response.destroy());
      return;
    case 'reset':
      response.socket?.resetAndDestroy();
  }
}

function write(response: ServerResponse, { status, body, headers }: Answer): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
}

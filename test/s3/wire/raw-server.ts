import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import type { Endpoint } from '../../../src/s3/resolve-endpoint.ts';
import { withDeadline } from '../../support/with-deadline.ts';

/** One connection as the server has it. */
export interface RawConnection {
  readonly socket: Socket;
  /** Heads of the requests that came on it, whole. */
  readonly requests: string[];
  /** Resolves when the client has closed or reset it. */
  readonly closed: Promise<void>;
}

export interface RawServer {
  readonly port: number;
  /** In the order in which they were accepted. */
  readonly connections: RawConnection[];
  close(): Promise<void>;
}

export interface RawServerOptions {
  /** 127.0.0.1 unless given. */
  readonly host?: string;
  readonly port?: number;
  readonly tls?: TlsOptions;
}

/** Answers with bytes as they are. @param request - the head; called once for each */
export type RawAnswer = (request: string, connection: RawConnection) => void;

/** A server that knows only where a request head ends. */
export async function startRawServer(answer: RawAnswer, options: RawServerOptions = {}): Promise<RawServer> {
  const { host = '127.0.0.1', port = 0, tls } = options;
  const connections: RawConnection[] = [];
  const accept = (socket: Socket): void => {
    const { promise: closed, resolve } = Promise.withResolvers<undefined>();
    const connection: RawConnection = { socket, requests: [], closed };
    connections.push(connection);
    let text = '';
    socket.setNoDelay(true);
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end !== -1; end = text.indexOf('\r\n\r\n')) {
        const request = text.slice(0, end + 4);
        text = text.slice(end + 4);
        connection.requests.push(request);
        answer(request, connection);
      }
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(undefined));
  };
  const server: Server = tls === undefined ? createServer(accept) : createTlsServer(tls, accept);
  server.on('tlsClientError', () => undefined);
  server.listen(port, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    connections,
    close: async () => {
      for (const { socket } of connections) socket.destroy();
      server.close();
      await withDeadline(once(server, 'close'), 'the end of the raw server');
    },
  };
}

/** A complete answer. */
export function respond(body: string, ...fields: string[]): string {
  return `HTTP/1.1 200 OK\r\n${fields.map((field) => `${field}\r\n`).join('')}Content-Length: ${body.length}\r\n\r\n${body}`;
}

export function endpointAt(
  port: number,
  hostname = '127.0.0.1',
  protocol: Endpoint['protocol'] = 'http:',
): Endpoint {
  const host = `${hostname}:${port}`;
  return { protocol, hostname, port, host, basePath: '/', signingRegion: 'us-east-1', signingService: 's3' };
}

import { once } from 'node:events';
import {
  Agent,
  createServer,
  type IncomingMessage,
  request,
  type RequestOptions,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** What a careless proxy does to the requests that it passes on. */
export interface FrontHabits {
  /** Sent in place of the player's; `player` passes that one on. */
  readonly host?: string;
  /** `close` makes a connection for each request, as nginx does unless it is told otherwise. */
  readonly connection?: 'keep' | 'close';
  /** The range that goes out in place of the player's; undefined takes it away. */
  readonly range?: (asked: string | undefined) => string | undefined;
}

/** A proxy in front of the daemon with habits of its own; ends with the test. @returns its address */
export async function startFront(port: number, habits: FrontHabits = {}): Promise<string> {
  const { host = 's3-helper', connection = 'keep', range = (asked: string | undefined) => asked } = habits;
  const agent = new Agent({ keepAlive: connection === 'keep' });
  const pass = (incoming: IncomingMessage, response: ServerResponse): void => {
    const asked = range(incoming.headers.range);
    const headers = {
      host: host === 'player' ? (incoming.headers.host ?? '') : host,
      ...(asked !== undefined && { range: asked }),
    };
    const options: RequestOptions = { host: '127.0.0.1', port, path: incoming.url, headers, agent };
    request(options, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(response);
    })
      .on('error', () => response.writeHead(502).end('no upstream'))
      .end();
  };
  const server = createServer(pass).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    agent.destroy();
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/show/clip.mp4`;
}

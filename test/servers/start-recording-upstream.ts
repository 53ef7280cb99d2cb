import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it came over the wire. */
export interface RecordedRequest {
  /** `GET /key HTTP/1.1` */
  readonly line: string;
  /** Names in lower case, in the order of the wire. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

export interface RecordingUpstream {
  readonly port: number;
  readonly requests: readonly RecordedRequest[];
  readonly close: () => Promise<void>;
}

/** Stands in s3-helper's place, records what nginx sends, and answers with the status that the path ends in, or 200. */
export async function startRecordingUpstream(): Promise<RecordingUpstream> {
  const requests: RecordedRequest[] = [];
  const server = createServer((request, response) => {
    const { method = '', url = '', httpVersion, rawHeaders } = request;
    const headers = rawHeaders.flatMap((name, index) =>
      index % 2 === 0 ? [[name.toLowerCase(), rawHeaders[index + 1] ?? ''] as const] : [],
    );
    requests.push({ line: `${method} ${url} HTTP/${httpVersion}`, headers });
    const status = Number(/(\d{3})$/.exec(url)?.[1] ?? 200);
    response.writeHead(status, { 'Content-Length': 2 }).end('ok');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const close = async () => {
    const closed = once(server.close(), 'close');
    server.closeAllConnections();
    await closed;
  };
  return { port: (server.address() as AddressInfo).port, requests, close };
}

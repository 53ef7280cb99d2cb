import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Bucket, answerRequest } from './answer-request.ts';
import { type ByteSource, type S3Answer, answerError } from './s3-answer.ts';
import type { StoredObject } from './stored-object.ts';
import { type ReceivedRequest, type S3Credential, verifySignature } from './verify-signature.ts';

export interface DemoS3Options {
  /** By key; may change while the server runs. */
  readonly objects: ReadonlyMap<string, StoredObject>;
  readonly bucket: string;
  readonly region: string;
  /** Asked for every request, so that keys can rotate. */
  readonly credentials: () => readonly S3Credential[];
  /** `127.0.0.1` unless given. */
  readonly host?: string;
  /** Any free one unless given. */
  readonly port?: number;
}

export interface DemoS3 {
  readonly port: number;
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string;
  /** Cuts every connection. */
  readonly close: () => Promise<void>;
}

const CHUNK_BYTES = 65_536;
/** S3 closes idle connections after about five seconds. */
const IDLE_CLOSE_MS = 5_000;

/**
 * Starts a small S3 in this process, which serves one bucket from memory to signed GET and HEAD only. What it
 * verifies and answers, `verifySignature` and `answerRequest` say.
 * @throws where the address is taken.
 */
export async function startDemoS3(options: DemoS3Options): Promise<DemoS3> {
  const host = options.host ?? '127.0.0.1';
  const server = createServer({ keepAliveTimeout: IDLE_CLOSE_MS }, (request, response) => {
    void serve(request, response, options);
  });
  server.listen(options.port ?? 0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    endpoint: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  options: DemoS3Options,
): Promise<void> {
  const { method = '', url = '', rawHeaders } = request;
  const answer = await answerVerified({ method, target: url, rawHeaders }, options);
  // S3 sends neither `Connection` nor `Keep-Alive` on a connection that stays open, and a `Date` of its own.
  response.removeHeader('connection');
  response.sendDate = false;
  response.writeHead(answer.status, answer.headers.flat());
  if (answer.body === undefined) {
    response.end();
    return;
  }
  // A client that leaves is the only way this can fail.
  await pipeline(Readable.from(readChunks(answer.body)), response).catch(() => response.destroy());
}

async function answerVerified(request: ReceivedRequest, options: DemoS3Options): Promise<S3Answer> {
  const nowMs = Date.now();
  const { region, objects } = options;
  const verdict = await verifySignature(request, { credentials: options.credentials(), region, nowMs });
  if (!verdict.ok) return answerError(verdict.error, { method: request.method, nowMs });
  const bucket: Bucket = { name: options.bucket, region, objects };
  return answerRequest(request, bucket, nowMs);
}

function* readChunks(body: ByteSource): Generator<Uint8Array> {
  for (let offset = 0; offset < body.size; offset += CHUNK_BYTES) {
    yield body.read(offset, Math.min(CHUNK_BYTES, body.size - offset));
  }
}

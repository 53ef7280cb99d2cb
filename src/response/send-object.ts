import type { ServerResponse } from 'node:http';
import type { S3Response } from '../s3/exchange.ts';
import { type ByteCount, relayBody } from './relay-body.ts';
import { pickNotModifiedHeaders, pickObjectHeaders } from './response-headers.ts';

/** How S3's answer is passed on. */
export interface Delivery {
  readonly method: 'GET' | 'HEAD';
  /** Bytes the body must have, or undefined. */
  readonly promised: number | undefined;
  readonly count: ByteCount;
  /** How long the client may leave what it was sent unread. */
  readonly stallTimeoutMs: number;
}

/** Sends a 200 or 206 with S3's head and, for a GET, its body, which takes until it resolves. @throws {ProxyFailure} see `relayBody` */
export function sendObject(
  s3: S3Response,
  response: ServerResponse,
  delivery: Delivery,
): Promise<void> | undefined {
  const headers = pickObjectHeaders(s3.head.statusCode, s3.head.headers);
  if (delivery.promised !== undefined) headers.push('Content-Length', String(delivery.promised));
  const writeHead = (): void => {
    response.writeHead(s3.head.statusCode, headers);
  };
  if (delivery.method === 'GET') return relayBody(s3, response, { ...delivery, writeHead });
  writeHead();
  endBodyless(s3, response);
  return undefined;
}

export function sendNotModified(s3: S3Response, response: ServerResponse): void {
  response.writeHead(304, pickNotModifiedHeaders(s3.head.headers));
  endBodyless(s3, response);
}

/** The exchange is over with its head; reading its empty body gives the connection back to the pool. */
function endBodyless(s3: S3Response, response: ServerResponse): void {
  s3.readBody({ onData: ignore, onEnd: ignore, onError: ignore });
  response.end();
}

function ignore(): void {
  // A body that may not be there has nothing to say.
}

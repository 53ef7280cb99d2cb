import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ProxyFailure } from '../failures.ts';
import type { S3Response } from '../s3/exchange.ts';
import type { S3Error } from '../s3/read-s3-error.ts';
import { createErrorBody, describeS3Error } from './error-body.ts';
import { pickErrorHeaders } from './response-headers.ts';

const RETRY_AFTER_S = '1';

/** Passes S3's 4xx or 5xx on: the same status, none of its words. @returns bytes of the body sent */
export function sendS3Error(
  s3: S3Response,
  response: ServerResponse,
  { error, requestId }: { readonly error: S3Error; readonly requestId: string },
): number {
  const { statusCode } = s3.head;
  const headers = pickErrorHeaders(s3.head.headers);
  // RFC 9110 §15.5.17: a 416 should say how long the object is. S3 says so in its XML only.
  if (statusCode === 416 && error.objectSize !== undefined && !headers.includes('Content-Range')) {
    headers.push('Content-Range', `bytes */${error.objectSize}`);
  }
  if (statusCode === 503 && !headers.includes('Retry-After')) headers.push('Retry-After', RETRY_AFTER_S);
  const { code, text } = describeS3Error(statusCode, error.code);
  return send(response, { statusCode, headers, body: createErrorBody(code, text, requestId) });
}

/** Answers a failure of the table; the head must not be out yet. @returns bytes of the body sent */
export function sendFailure(
  failure: ProxyFailure,
  response: ServerResponse,
  { request, requestId }: { readonly request: IncomingMessage; readonly requestId: string },
): number {
  const { status: statusCode, code, text } = failure.row;
  const headers: string[] = [];
  if (statusCode === 405) headers.push('Allow', 'GET, HEAD');
  if (statusCode === 503) headers.push('Retry-After', RETRY_AFTER_S);
  // Nobody will read the body, and its bytes must not be taken for the next request.
  if (hasBody(request)) headers.push('Connection', 'close');
  return send(response, { statusCode, headers, body: createErrorBody(code, text, requestId) });
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

interface ErrorAnswer {
  readonly statusCode: number;
  readonly headers: string[];
  readonly body: string;
}

function send(response: ServerResponse, { statusCode, headers, body }: ErrorAnswer): number {
  const length = Buffer.byteLength(body);
  headers.push('Content-Type', 'application/xml', 'Content-Length', String(length));
  response.writeHead(statusCode, headers);
  response.end(body);
  return response.req.method === 'HEAD' ? 0 : length;
}

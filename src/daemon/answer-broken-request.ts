import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { FAILURES } from '../failures.ts';
import { createErrorBody } from '../response/error-body.ts';
import type { BrokenRequest } from './create-http-server.ts';

/** Node's own note of the response that a socket is busy with; there is no public name for it. */
type ServerSocket = Duplex & { readonly _httpMessage?: ServerResponse | null };

/**
 * Answers what is no request, on the bare socket, and closes it.
 * @param reason - what is wrong, or Node's error to be told from
 * @returns what was wrong; undefined where there is nobody to tell, or an answer to an earlier request is still on its
 * way: that one is let finish, as a second head in its body would be taken for media.
 */
export function answerBrokenRequest(
  socket: Duplex,
  reason: BrokenRequest | NodeJS.ErrnoException,
): BrokenRequest | undefined {
  const busyWith = (socket as ServerSocket)._httpMessage;
  if (busyWith) {
    endAfter(busyWith, socket);
    return undefined;
  }
  const failure = typeof reason === 'string' ? reason : classify(reason);
  if (failure === undefined || !socket.writable) {
    socket.destroy();
    return undefined;
  }
  socket.end(createRawAnswer(failure), () => socket.destroy());
  return failure;
}

/** Sockets that are let finish. Noise can go on, and each piece of it is another error. */
const ending = new WeakSet<Duplex>();

function endAfter(response: ServerResponse, socket: Duplex): void {
  if (ending.has(socket)) return;
  ending.add(socket);
  response.shouldKeepAlive = false;
  response.once('close', () => socket.destroy());
}

/** @returns undefined for a connection that broke or said nothing */
function classify(error: NodeJS.ErrnoException): BrokenRequest | undefined {
  if (error.code === 'HPE_HEADER_OVERFLOW') return 'header_too_large';
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'request_head_timeout';
  return error.code?.startsWith('HPE_') === true ? 'malformed_request' : undefined;
}

function createRawAnswer(failure: BrokenRequest): string {
  const { status, code, text } = FAILURES[failure];
  const body = createErrorBody(code, text, '-');
  return [
    `HTTP/1.1 ${status} ${code}`,
    ...(status === 405 ? ['Allow: GET, HEAD'] : []),
    'Connection: close',
    'Content-Type: application/xml',
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}

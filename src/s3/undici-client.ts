import { type Dispatcher, errors, Pool } from 'undici';
import type { Attempt, AttemptClient, AttemptEvents } from './attempt.ts';
import type { ClientOptions } from './client-options.ts';
import type { Endpoint } from './resolve-endpoint.ts';
import { trustedRoots } from './trusted-roots.ts';

/** S3 closes idle connections after about 5 s; a request on a connection that is being closed fails. */
const IDLE_CONNECTION_MS = 4000;
/** S3's heads are under 2 KiB; one that grows past this is not S3's. */
const LARGEST_HEAD_BYTES = 64 * 1024;

/**
 * The well-kept client: an undici pool for one endpoint, HTTP/1.1, one request at a time on each connection. It cannot
 * be asked for a fresh connection or another address, nor tell which one it took.
 */
export function createUndiciClient(endpoint: Endpoint, options: ClientOptions): AttemptClient {
  const hostname = endpoint.hostname.includes(':') ? `[${endpoint.hostname}]` : endpoint.hostname;
  const pool = new Pool(`${endpoint.protocol}//${hostname}:${endpoint.port}`, {
    // undici 8 would offer HTTP/2, which S3 does not speak.
    allowH2: false,
    pipelining: 1,
    connections: options.maxConnections ?? null,
    keepAliveTimeout: IDLE_CONNECTION_MS,
    keepAliveMaxTimeout: IDLE_CONNECTION_MS,
    maxHeaderSize: LARGEST_HEAD_BYTES,
    headersTimeout: options.firstByteTimeoutMs,
    bodyTimeout: options.bodyStallTimeoutMs,
    connect: {
      timeout: options.connectTimeoutMs,
      ...(options.lookup && { lookup: options.lookup }),
      ...(options.ca !== undefined && { ca: trustedRoots(options.ca) }),
    },
  });
  return {
    start: (request, events) => {
      const attempt = new UndiciAttempt(events);
      pool.dispatch(
        {
          method: request.method,
          path: request.target,
          headers: request.headers as string[],
          headersTimeout: request.firstByteTimeoutMs ?? null,
        },
        attempt,
      );
      return attempt;
    },
    countConnections: () => {
      const { connected, running, queued } = pool.stats;
      return { open: connected, busy: running, waiting: queued };
    },
    close: () => pool.destroy(),
  };
}

class UndiciAttempt implements Attempt, Dispatcher.DispatchHandler {
  readonly #events: AttemptEvents;
  #controller: Dispatcher.DispatchController | undefined;
  #isOver = false;

  constructor(events: AttemptEvents) {
    this.#events = events;
  }

  pause(): void {
    this.#controller?.pause();
  }

  resume(): void {
    this.#controller?.resume();
  }

  abort(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    // Before a connection is found there is no controller yet: onRequestStart then aborts.
    this.#controller?.abort(new Error('the attempt was aborted'));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#isOver) controller.abort(new Error('the attempt was aborted'));
  }

  onResponseStart(controller: Dispatcher.DispatchController, statusCode: number): void {
    // Informational responses come first and are not the answer (RFC 9110 §15.2).
    if (statusCode < 200 || this.#isOver) return;
    controller.pause();
    this.#events.onHead({ statusCode, headers: toText(controller.rawHeaders) });
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#isOver) this.#events.onData(chunk);
  }

  onResponseEnd(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#events.onEnd();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#events.onError(withCode(error));
  }
}

/** undici looks its parser's codes up by number in a table of names, so its parser errors come without theirs. */
function withCode(error: Error): Error {
  const hasCode = (error as NodeJS.ErrnoException).code !== undefined;
  return error instanceof errors.HTTPParserError && !hasCode
    ? Object.assign(error, { code: 'HPE_UNKNOWN' })
    : error;
}

function toText(rawHeaders: Dispatcher.DispatchController['rawHeaders']): string[] {
  if (!Array.isArray(rawHeaders)) return [];
  return rawHeaders.map((part: Buffer | string) =>
    typeof part === 'string' ? part : part.toString('latin1'),
  );
}

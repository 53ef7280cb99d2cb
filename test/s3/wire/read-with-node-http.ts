import { request } from 'node:http';
import { Duplex } from 'node:stream';
import type { Outcome } from './outcome.ts';

/** What `node:http` makes of a response whose connection is then closed. No sockets: only its parser counts. */
export function readWithNodeHttp(method: string, segments: readonly Buffer[]): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const socket = new FedSocket(segments);
  const chunks: Buffer[] = [];
  let outcome: Omit<Outcome, 'body'> = {
    statusCode: undefined,
    headers: [],
    isComplete: false,
    error: 'no head',
  };
  const outgoing = request({ method, createConnection: () => socket }, (response) => {
    outcome = { ...outcome, statusCode: response.statusCode, headers: response.rawHeaders, error: 'cut' };
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('error', (error: NodeJS.ErrnoException) => note(error));
    response.on('end', () => {
      if (response.complete) outcome = { ...outcome, isComplete: true, error: undefined };
    });
    response.on('close', () => finish());
  });
  const note = (error: NodeJS.ErrnoException): void => {
    if (!outcome.isComplete) outcome = { ...outcome, error: error.code ?? error.message };
  };
  const finish = (): void => {
    socket.destroy();
    resolve({ ...outcome, body: Buffer.concat(chunks) });
  };
  outgoing.on('error', (error: NodeJS.ErrnoException) => {
    note(error);
    if (outcome.statusCode === undefined) finish();
  });
  outgoing.on('upgrade', (_response, upgraded: Duplex) => {
    upgraded.destroy();
    finish();
  });
  outgoing.on('close', () => {
    if (outcome.statusCode === undefined) finish();
  });
  outgoing.end();
  return promise;
}

class FedSocket extends Duplex {
  readonly #segments: Iterator<Buffer>;

  constructor(segments: readonly Buffer[]) {
    super();
    this.#segments = segments.values();
  }

  override _read(): void {
    const next = this.#segments.next();
    this.push(next.done === true ? null : next.value);
  }

  override _write(_chunk: unknown, _encoding: unknown, callback: () => void): void {
    callback();
  }

  // What node:http expects of a net.Socket.
  setTimeout(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}

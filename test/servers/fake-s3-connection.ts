import type { Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';
import type { ReceivedRequest } from '../../src/demo/verify-signature.ts';

export interface ConnectionOptions {
  /** Counts from 1. */
  readonly id: number;
  readonly secureContext: SecureContext | undefined;
  /** Closes with FIN when no request came for so long after the last answer. */
  readonly idleCloseMs: number | undefined;
  /** Serves one request; the next one waits for it. */
  readonly serve: (request: ReceivedRequest, connection: FakeConnection) => Promise<void>;
}

/**
 * The server's end of one connection: reads requests without bodies one after the other, and lets its user write any
 * bytes in answer. A FIN of the client counts as leaving.
 */
export class FakeConnection {
  readonly id: number;
  /** Aborted once the socket is closed, by either side. */
  readonly signal: AbortSignal;
  /** Requests so far. */
  requestCount = 0;
  readonly #raw: Socket;
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  #received = '';
  #isServing = false;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(raw: Socket, options: ConnectionOptions) {
    this.id = options.id;
    this.#options = options;
    this.#raw = raw;
    this.#socket =
      options.secureContext === undefined
        ? raw
        : new TLSSocket(raw, {
            isServer: true,
            secureContext: options.secureContext,
            ALPNProtocols: ['http/1.1'],
          });
    const gone = new AbortController();
    this.signal = gone.signal;
    this.#socket.on('close', () => {
      clearTimeout(this.#idleTimer);
      gone.abort();
    });
    // What happened to the wire, the close event tells.
    raw.on('error', () => undefined);
    this.#socket.on('error', () => raw.destroy());
    this.#socket.on('end', () => this.#socket.destroy());
    this.#socket.on('data', (bytes: Buffer) => {
      this.#received += bytes.toString('latin1');
      void this.#serveAll();
    });
  }

  /** The name that the client asked for in its TLS handshake. */
  get servername(): string | undefined {
    const name = this.#socket instanceof TLSSocket ? this.#socket.servername : undefined;
    return typeof name === 'string' ? name : undefined;
  }

  get isGone(): boolean {
    return this.#socket.destroyed;
  }

  /** Resolves once the system has taken the bytes, so that a reset does not overtake them. A string is latin1. */
  write(bytes: string | Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      const chunk = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
      this.#socket.write(chunk, (error) => (error ? reject(error) : resolve()));
    });
  }

  finish(): void {
    this.#socket.end();
  }

  reset(): void {
    this.#raw.resetAndDestroy();
  }

  destroy(): void {
    this.#raw.destroy();
  }

  async #serveAll(): Promise<void> {
    clearTimeout(this.#idleTimer);
    if (this.#isServing) return;
    this.#isServing = true;
    let request = this.#takeRequest();
    while (request !== undefined && this.#socket.writable) {
      this.requestCount += 1;
      await this.#options.serve(request, this);
      request = this.#takeRequest();
    }
    this.#isServing = false;
    const { idleCloseMs } = this.#options;
    if (idleCloseMs !== undefined && this.#socket.writable)
      this.#idleTimer = setTimeout(() => this.finish(), idleCloseMs);
  }

  #takeRequest(): ReceivedRequest | undefined {
    const endAt = this.#received.indexOf('\r\n\r\n');
    if (endAt === -1) return undefined;
    const [requestLine = '', ...lines] = this.#received.slice(0, endAt).split('\r\n');
    this.#received = this.#received.slice(endAt + 4);
    const [method = '', target = ''] = requestLine.split(' ');
    const rawHeaders = lines.flatMap((line) => {
      const colonAt = line.indexOf(':');
      return [line.slice(0, colonAt), line.slice(colonAt + 1).trim()];
    });
    return { method, target, rawHeaders };
  }
}

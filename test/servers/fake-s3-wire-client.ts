import { EventEmitter, once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { FakeS3 } from './fake-s3.ts';
import { signForS3 } from './fake-s3-signer.ts';

/** A bare socket that asks a fake S3 and shows every byte of the answer. */
export class WireClient {
  /** All that came, latin1. */
  received = '';
  /** How the server closed, once it did. */
  closedBy: 'fin' | 'reset' | undefined;
  readonly socket: Socket;
  readonly #s3: FakeS3;
  readonly #deadline: AbortSignal;
  readonly #events = new EventEmitter();

  constructor(s3: FakeS3, { ca, deadlineMs = 5_000 }: { ca?: string; deadlineMs?: number } = {}) {
    this.#s3 = s3;
    this.#deadline = AbortSignal.timeout(deadlineMs);
    const address = { port: s3.port, host: '127.0.0.1' };
    this.socket =
      ca === undefined ? connect(address) : connectTls({ ...address, ca, servername: 'localhost' });
    this.socket.on('data', (bytes: Buffer) => {
      this.received += bytes.toString('latin1');
      this.#events.emit('change');
    });
    this.socket.on('close', () => this.#events.emit('change'));
    this.socket.on('end', () => (this.closedBy = 'fin'));
    this.socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET') this.closedBy = 'reset';
    });
  }

  /** Sends a signed request for an encoded key; `headers` are not signed. */
  async ask(key: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<this> {
    const { bucket, region, port, credentials } = this.#s3;
    const path = `/${bucket}/${key}`;
    const credential = credentials[0]!;
    const nowMs = Date.now() + this.#s3.clock.offsetMs;
    const signed = await signForS3({ method, path, host: `127.0.0.1:${port}`, region, credential, nowMs });
    const lines = Object.entries({ ...signed, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
    this.socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
    return this;
  }

  /** Waits for this text. @throws with what came instead */
  until(text: string): Promise<void> {
    return this.#wait(() => this.received.includes(text), JSON.stringify(text));
  }

  /** Waits for the server to close. */
  untilClosed(): Promise<void> {
    return this.#wait(() => this.socket.closed, 'the end');
  }

  /** The header section of the last answer, in lower case. */
  get head(): string {
    return this.received.slice(this.received.lastIndexOf('HTTP/1.1 ')).split('\r\n\r\n')[0]!.toLowerCase();
  }

  /** What followed the first head. */
  get body(): string {
    return this.received.slice(this.received.indexOf('\r\n\r\n') + 4);
  }

  async #wait(predicate: () => boolean, label: string): Promise<void> {
    while (!predicate()) {
      const failure = `Waiting for ${label}; there came ${JSON.stringify(this.received.slice(-2_000))}`;
      if (this.socket.closed) throw new Error(failure);
      await once(this.#events, 'change', { signal: this.#deadline }).catch(() => {
        throw new Error(failure);
      });
    }
  }
}

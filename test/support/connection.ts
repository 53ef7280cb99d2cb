import { EventEmitter, once } from 'node:events';
import { connect, type NetConnectOpts, type Socket, type TcpNetConnectOpts } from 'node:net';
import { parseResponse, type WireResponse } from './parse-response.ts';

const DEADLINE_MS = 10_000;

/** A client's bare socket: sends any bytes, and shows every byte that comes and how it ends. */
export class Connection {
  readonly socket: Socket;
  /** How the other side ended it, once it did. */
  closedBy: 'fin' | 'reset' | undefined;
  #chunks: Buffer[] = [];
  /** Total of what came. */
  receivedBytes = 0;
  /** False only counts what comes. */
  keepsBytes = true;
  readonly #events = new EventEmitter().setMaxListeners(0);

  /** @param place - a port on 127.0.0.1, the path of a unix socket, or any address */
  constructor(place: number | string | TcpNetConnectOpts) {
    const where = typeof place === 'object' ? place : toAddress(place);
    this.socket = connect({ ...where, allowHalfOpen: true });
    this.socket.setNoDelay(true);
    this.socket.on('data', (chunk: Buffer) => {
      if (this.keepsBytes) this.#chunks.push(chunk);
      this.receivedBytes += chunk.length;
      this.#events.emit('change');
    });
    this.socket.on('end', () => {
      this.closedBy ??= 'fin';
      this.#events.emit('change');
    });
    this.socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET' || error.code === 'EPIPE') this.closedBy = 'reset';
    });
    this.socket.on('close', () => this.#events.emit('change'));
  }

  /** What came and was not yet taken by `readResponse`. */
  get received(): Buffer {
    const all = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    this.#chunks = [all];
    return all;
  }

  /** Sends bytes; a string is latin1. */
  send(bytes: string | Uint8Array): this {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    return this;
  }

  /** Sends a GET of HTTP/1.1 with Host and further header lines. */
  get(target: string, ...headerLines: string[]): this {
    const lines = [`GET ${target} HTTP/1.1`, 'Host: localhost', ...headerLines];
    return this.send(`${lines.join('\r\n')}\r\n\r\n`);
  }

  /** Takes the next whole response; what follows it stays. @param method - of the request that it answers */
  async readResponse(method: 'GET' | 'HEAD' = 'GET'): Promise<WireResponse> {
    let response: WireResponse | undefined;
    await this.until(() => {
      response = parseResponse(this.received, { method, isEnded: this.closedBy !== undefined });
      return response !== undefined;
    }, 'a whole response');
    this.#chunks = [this.received.subarray(response!.byteLength)];
    return response!;
  }

  /** Waits until the other side has closed. @returns how */
  async untilClosed(): Promise<'fin' | 'reset'> {
    await this.until(() => this.closedBy !== undefined || this.socket.closed, 'the end of the connection');
    return this.closedBy ?? 'reset';
  }

  /** Waits until text came. */
  async untilText(text: string): Promise<void> {
    await this.until(() => this.received.includes(text, 0, 'latin1'), JSON.stringify(text));
  }

  /** Asks the predicate again at everything that happens on the socket. @throws with what came instead */
  async until(predicate: () => boolean, awaited: string, deadlineMs = DEADLINE_MS): Promise<void> {
    const signal = AbortSignal.timeout(deadlineMs);
    while (!predicate()) {
      const explain = (): Error => {
        const tail = JSON.stringify(this.received.subarray(-600).toString('latin1'));
        return new Error(`waited for ${awaited}; closed by ${this.closedBy ?? 'nobody'}; there came ${tail}`);
      };
      if (this.socket.closed) throw explain();
      await once(this.#events, 'change', { signal }).catch(() => {
        throw explain();
      });
    }
  }

  /** Sends FIN. */
  finish(): void {
    this.socket.end();
  }

  /** Sends RST. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  destroy(): void {
    this.socket.destroy();
  }
}

function toAddress(place: number | string): NetConnectOpts {
  return typeof place === 'number' ? { host: '127.0.0.1', port: place } : { path: place };
}

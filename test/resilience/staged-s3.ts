import { EventEmitter, once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

const DEADLINE_MS = 10_000;
const ETAG = '"staged"';

/** A request that waits for what a test does with it. */
export interface StagedRequest {
  readonly method: string;
  readonly target: string;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  /** Counts from 1 in the order of accepting. */
  readonly connection: number;
  /** The address of ours that it came to. */
  readonly address: string;
  /** Whether its connection has ended, by whomever. */
  readonly isGone: boolean;
  /** 200 with this object. */
  answer(object: string): void;
  /** S3's error. */
  refuse(status: number, code: string): void;
  /** Any bytes. */
  send(bytes: string): void;
  reset(): void;
}

/** An S3 whose every move is a test's: for races, where it matters who is first. It takes any signature. */
export interface StagedS3 {
  readonly port: number;
  /** In the order of arrival. */
  readonly requests: readonly StagedRequest[];
  /** Waits for the request of this number, counted from 1. */
  request(number: number): Promise<StagedRequest>;
  openConnections(): number;
  /** Asks again at everything that happens on a connection. @throws with the label when it takes too long */
  waitFor(predicate: () => boolean, label: string): Promise<void>;
  close(): Promise<void>;
}

export interface StagedS3Options {
  /** Loopback addresses to listen on, all with the same port; 127.0.0.1 unless given. */
  readonly addresses?: readonly string[];
  /** Told of every request. */
  readonly onRequest?: (request: StagedRequest) => void;
}

export async function startStagedS3(options: StagedS3Options = {}): Promise<StagedS3> {
  const { addresses = ['127.0.0.1'], onRequest } = options;
  const stage = new Stage(onRequest);
  const servers: Server[] = [];
  let port = 0;
  for (const address of addresses) {
    const server = createServer({ noDelay: true }, (socket) => stage.accept(socket)).listen(port, address);
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
    servers.push(server);
  }
  return {
    port,
    requests: stage.requests,
    request: async (number) => {
      await stage.waitFor(() => stage.requests.length >= number, `request ${number}`);
      return stage.requests[number - 1]!;
    },
    openConnections: () => stage.sockets.size,
    waitFor: (predicate, label) => stage.waitFor(predicate, label),
    close: async () => {
      for (const socket of stage.sockets) socket.destroy();
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

class Stage {
  readonly sockets = new Set<Socket>();
  readonly requests: StagedRequest[] = [];
  readonly #events = new EventEmitter().setMaxListeners(0);
  readonly #onRequest: ((request: StagedRequest) => void) | undefined;
  #accepted = 0;

  constructor(onRequest: ((request: StagedRequest) => void) | undefined) {
    this.#onRequest = onRequest;
  }

  accept(socket: Socket): void {
    this.sockets.add(socket);
    this.#accepted += 1;
    const connection = this.#accepted;
    let received = '';
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.sockets.delete(socket);
      this.#events.emit('change');
    });
    socket.on('data', (bytes: Buffer) => {
      received += bytes.toString('latin1');
      for (let end = received.indexOf('\r\n\r\n'); end !== -1; end = received.indexOf('\r\n\r\n')) {
        const request = stageRequest(received.slice(0, end), socket, connection);
        received = received.slice(end + 4);
        this.requests.push(request);
        this.#onRequest?.(request);
      }
      this.#events.emit('change');
    });
  }

  async waitFor(predicate: () => boolean, label: string): Promise<void> {
    const signal = AbortSignal.timeout(DEADLINE_MS);
    while (!predicate()) {
      await once(this.#events, 'change', { signal }).catch(() => {
        throw new Error(`waited for ${label} of the staged S3`);
      });
    }
  }
}

function stageRequest(head: string, socket: Socket, connection: number): StagedRequest {
  const [requestLine = '', ...lines] = head.split('\r\n');
  const [method = '', target = ''] = requestLine.split(' ');
  const headers = new Map(
    lines.map((line) => {
      const colonAt = line.indexOf(':');
      return [line.slice(0, colonAt).toLowerCase(), line.slice(colonAt + 1).trim()] as const;
    }),
  );
  const send = (bytes: string): void => void socket.write(Buffer.from(bytes, 'latin1'));
  const respond = (status: string, body: string): void =>
    send(
      `HTTP/1.1 ${status}\r\nETag: ${ETAG}\r\nContent-Length: ${body.length}\r\n\r\n${method === 'HEAD' ? '' : body}`,
    );
  return {
    ...{ method, target, headers, connection, address: socket.localAddress ?? '' },
    get isGone() {
      return socket.destroyed || socket.readableEnded;
    },
    answer: (object) => respond('200 OK', object),
    refuse: (status, code) => respond(`${status} Refused`, `<Error><Code>${code}</Code></Error>`),
    send,
    reset: () => socket.resetAndDestroy(),
  };
}

import { EventEmitter, once } from 'node:events';
import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';
import { type SecureContext, createSecureContext } from 'node:tls';
import { type Bucket, answerRequest, resolveKey } from '../../src/demo/answer-request.ts';
import { type S3Answer, answerError } from '../../src/demo/s3-answer.ts';
import { type StoredObject, type StoredObjectOptions, storeObject } from '../../src/demo/stored-object.ts';
import { type ReceivedRequest, type S3Credential, verifySignature } from '../../src/demo/verify-signature.ts';
import { FakeConnection } from './fake-s3-connection.ts';
import { type Fault, FaultPlan, type FaultTarget } from './fake-s3-faults.ts';
import { planSteps } from './fake-s3-play.ts';
import { type SeenRequest, see } from './fake-s3-seen.ts';
import { playSteps } from './fake-s3-steps.ts';
import { virtualBytes } from './fake-s3-virtual-bytes.ts';

export interface FakeS3Options {
  /** HTTPS with this certificate; HTTP unless given. */
  readonly tls?: { readonly key: string | Buffer; readonly cert: string | Buffer };
  /** The keys that it knows: one with a session token unless given. */
  readonly credentials?: readonly S3Credential[];
  /** `eu-west-1` unless given. */
  readonly region?: string;
  /** `media` unless given. */
  readonly bucket?: string;
  /** How far its clock, for `Date` and for verification, is ahead. */
  readonly clockOffsetMs?: number;
  /** FIN when idle for so long after an answer; real S3 does so after about 5 000. Never unless given. */
  readonly idleCloseMs?: number;
  /** `Connection: close` with every n-th answer of a connection; real S3: 100. Never unless given. */
  readonly requestsPerConnection?: number;
  /** False serves unsigned and wrongly signed requests too; the verdict is there all the same. True unless given. */
  readonly requireSignature?: boolean;
}

/** A body that is computed: by `virtualBytes` unless `fill` says how. */
export interface VirtualBody {
  readonly size: number;
  readonly fill?: (offset: number, length: number) => Uint8Array;
}

export const FAKE_CREDENTIAL: S3Credential = {
  accessKeyId: 'ASIAFAKES3EXAMPLE',
  secretAccessKey: 'fakeSecret/With+Signs=',
  sessionToken: `FwoGZXIvYXdzE/${'fakeToken+/'.repeat(60)}==`,
};

/**
 * Starts an S3 of one bucket on loopback that verifies signatures with AWS's signer, answers as S3 does
 * (`answerRequest`), and misbehaves on demand.
 */
export async function startFakeS3(options: FakeS3Options = {}): Promise<FakeS3> {
  const server = createServer({ noDelay: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return new FakeS3(server, options);
}

export class FakeS3 {
  readonly port: number;
  /** `http://127.0.0.1:PORT` or `https://…` */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  /** Live: the next request is verified with what it holds then. */
  readonly credentials: S3Credential[];
  /** Live. */
  readonly clock: { offsetMs: number };
  /** By key; `put` adds, `delete` removes. */
  readonly objects = new Map<string, StoredObject>();
  /** In the order of arrival. */
  readonly seen: SeenRequest[] = [];
  readonly #options: FakeS3Options;
  readonly #server: Server;
  readonly #secureContext: SecureContext | undefined;
  readonly #connections = new Set<FakeConnection>();
  readonly #faults = new FaultPlan();
  readonly #events = new EventEmitter().setMaxListeners(0);
  #connectionsMade = 0;

  constructor(server: Server, options: FakeS3Options) {
    this.#options = options;
    this.#server = server;
    this.#secureContext = options.tls && createSecureContext(options.tls);
    this.port = (server.address() as AddressInfo).port;
    this.endpoint = `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${this.port}`;
    this.region = options.region ?? 'eu-west-1';
    this.bucket = options.bucket ?? 'media';
    this.credentials = [...(options.credentials ?? [FAKE_CREDENTIAL])];
    this.clock = { offsetMs: options.clockOffsetMs ?? 0 };
    server.on('connection', (raw) => this.#accept(raw));
  }

  openConnections(): number {
    return this.#connections.size;
  }

  connectionsMade(): number {
    return this.#connectionsMade;
  }

  put(key: string, body: string | Uint8Array | VirtualBody, options: StoredObjectOptions = {}): StoredObject {
    const isVirtual = typeof body === 'object' && !(body instanceof Uint8Array);
    const source = isVirtual ? { size: body.size, read: body.fill ?? virtualBytes } : body;
    const object = storeObject(source, options);
    this.objects.set(key, object);
    return object;
  }

  /** Plays a fault on requests to come, if their signatures are right. Several take their turns as injected. */
  inject(fault: Fault, target: FaultTarget = {}): void {
    this.#faults.add(fault, target);
  }

  clearFaults(): void {
    this.#faults.clear();
  }

  /** Lets all stalled answers go on. */
  release(): void {
    this.#events.emit('release');
  }

  /**
   * Waits until the predicate holds; it is asked again at every request, piece of a body and change of a connection.
   * @throws {Error} with the label after `timeoutMs`.
   */
  async waitFor(predicate: () => boolean, label: string, timeoutMs = 5_000): Promise<void> {
    const deadline = AbortSignal.timeout(timeoutMs);
    while (!predicate()) {
      await once(this.#events, 'change', { signal: deadline }).catch(() => {
        throw new Error(`After ${timeoutMs} ms the fake S3 is still waiting for ${label}.`);
      });
    }
  }

  /** Cuts every connection. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const connection of this.#connections) connection.destroy();
    await closed;
  }

  #accept(raw: Socket): void {
    this.#connectionsMade += 1;
    const connection = new FakeConnection(raw, {
      id: this.#connectionsMade,
      secureContext: this.#secureContext,
      idleCloseMs: this.#options.idleCloseMs,
      serve: (request, on) => this.#serve(request, on),
    });
    this.#connections.add(connection);
    raw.on('close', () => {
      this.#connections.delete(connection);
      this.#events.emit('change');
    });
    this.#events.emit('change');
  }

  async #serve(request: ReceivedRequest, connection: FakeConnection): Promise<void> {
    const { credentials, region } = this;
    const nowMs = Date.now() + this.clock.offsetMs;
    const bucket: Bucket = { name: this.bucket, region, objects: this.objects };
    const verdict = await verifySignature(request, { credentials, region, nowMs });
    const refusal = this.#options.requireSignature === false || verdict.ok ? undefined : verdict.error;
    const whole =
      refusal === undefined
        ? answerRequest(request, bucket, nowMs)
        : answerError(refusal, { method: request.method, nowMs });
    const answer = this.#isLast(connection) ? closing(whole) : whole;
    const key = resolveKey(request, this.bucket)?.key;
    const fault = refusal === undefined ? this.#faults.take(key) : undefined;
    const observer = see(request, { key, verdict, connection, fault, status: answer.status });
    this.seen.push(observer);
    this.#events.emit('change');
    await playSteps(planSteps({ request, bucket, nowMs, answer }, fault), {
      connection,
      observer,
      onChange: () => this.#events.emit('change'),
      waitForRelease: (signal) => once(this.#events, 'release', { signal }),
    });
  }

  #isLast(connection: FakeConnection): boolean {
    const { requestsPerConnection = Infinity } = this.#options;
    return connection.requestCount >= requestsPerConnection;
  }
}

function closing(answer: S3Answer): S3Answer {
  return { ...answer, headers: [...answer.headers, ['Connection', 'close']] };
}

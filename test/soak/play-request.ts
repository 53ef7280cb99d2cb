import { type Agent, type IncomingMessage, request } from 'node:http';
import { virtualBytes } from '../servers/fake-s3-virtual-bytes.ts';
import type { PlannedRequest } from './plan-request.ts';

/** What came of a request. */
export interface Outcome {
  /** Undefined where everything was as planned. */
  readonly mistake: string | undefined;
  /** Bytes that differ from the object's: the one thing that may never be. */
  readonly hasWrongBytes: boolean;
  /** From the request to the last byte. */
  readonly totalMs: number;
  readonly bytes: number;
}

export interface Place {
  readonly port: number;
  readonly agent: Agent;
  /** Put before the key. */
  readonly path: string;
  /** Beside those of the plan. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Longer than all attempts, pauses and stalls of one request together. */
const DEADLINE_MS = 60_000;

/** Sends a request, behaves as planned, and compares every byte that comes. Never rejects. */
export function playRequest(plan: PlannedRequest, place: Place): Promise<Outcome> {
  return new Promise((resolve) => {
    new SoakClient(plan, place, resolve);
  });
}

class SoakClient {
  readonly #plan: PlannedRequest;
  readonly #resolve: (outcome: Outcome) => void;
  readonly #startedAtMs = performance.now();
  readonly #timer: NodeJS.Timeout;
  #bytes = 0;
  #hasWrongBytes = false;
  #mistake: string | undefined;
  #hasStalled = false;
  #isLeaving = false;
  #leave: () => void;

  constructor(plan: PlannedRequest, place: Place, resolve: (outcome: Outcome) => void) {
    this.#plan = plan;
    this.#resolve = resolve;
    const { method, object, headers } = plan;
    const outgoing = request({
      host: '127.0.0.1',
      port: place.port,
      path: place.path + object.key,
      method,
      headers: { host: '127.0.0.1', ...place.headers, ...headers },
      agent: place.agent,
    });
    this.#timer = setTimeout(() => {
      this.#mistake = `no end within ${DEADLINE_MS} ms`;
      this.#leave();
    }, DEADLINE_MS);
    this.#leave = () => outgoing.destroy();
    outgoing.on('response', (response) => this.#onResponse(response));
    outgoing.on('error', (error) => this.#end(`${error.message} before the end of the answer`));
    outgoing.end();
    if (plan.client.does === 'leave' && plan.client.afterBytes === 0) setImmediate(() => this.#leaveNow());
  }

  #onResponse(response: IncomingMessage): void {
    const { status, length } = this.#plan;
    if (response.statusCode !== status)
      this.#mistake = `status ${response.statusCode ?? 0} in place of ${status}`;
    response.on('data', (chunk: Buffer) => {
      if (status < 400 && response.statusCode === status) this.#compare(chunk);
      this.#behave(response);
    });
    response.on('error', () => undefined);
    response.on('close', () => {
      const isShort = !response.complete || (status < 400 && this.#bytes !== length);
      this.#end(isShort ? `${this.#bytes} bytes of ${length}` : undefined);
    });
  }

  #compare(chunk: Buffer): void {
    const { object, first } = this.#plan;
    if (!chunk.equals(virtualBytes(object.base + first + this.#bytes, chunk.length)))
      this.#hasWrongBytes = true;
    this.#bytes += chunk.length;
  }

  #behave(response: IncomingMessage): void {
    const { client } = this.#plan;
    if (client.does === 'read' || this.#bytes < client.afterBytes) return;
    if (client.does === 'leave') this.#leaveNow();
    else if (!this.#hasStalled) {
      this.#hasStalled = true;
      response.pause();
      setTimeout(() => response.resume(), client.forMs);
    }
  }

  #leaveNow(): void {
    this.#isLeaving = true;
    this.#leave();
  }

  #end(mistake: string | undefined): void {
    clearTimeout(this.#timer);
    const found = this.#mistake ?? (this.#isLeaving ? undefined : mistake);
    this.#resolve({
      mistake: this.#hasWrongBytes ? 'wrong bytes' : found,
      hasWrongBytes: this.#hasWrongBytes,
      totalMs: performance.now() - this.#startedAtMs,
      bytes: this.#bytes,
    });
  }
}

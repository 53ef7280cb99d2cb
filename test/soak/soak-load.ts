import { Agent } from 'node:http';
import { Random } from '../fuzz/random.ts';
import { FAKE_CREDENTIAL } from '../servers/fake-s3.ts';
import { signForS3 } from '../servers/fake-s3-signer.ts';
import { type PlannedRequest, RequestPlanner } from './plan-request.ts';
import { type Place, playRequest } from './play-request.ts';
import type { Upstream } from './start-upstream.ts';

export interface LoadOptions {
  readonly seed: number;
  readonly requestsPerSecond: number;
  readonly durationMs: number;
  /** Of the daemon. */
  readonly port: number;
  readonly upstream: Upstream;
}

/** What all clients saw. */
export interface LoadResult {
  requests: number;
  bytes: number;
  leavers: number;
  stalled: number;
  faulted: number;
  wrongBytes: number;
  /** What went wrong, and how often. */
  readonly mistakes: Map<string, number>;
  /** Of undisturbed requests, by kind: through the daemon, and straight to S3. */
  readonly throughMs: Map<PlannedRequest['kind'], number[]>;
  readonly directMs: Map<PlannedRequest['kind'], number[]>;
}

/** After so many requests one goes straight to S3, to compare. */
const REQUESTS_PER_DIRECT = 5;
/** So that most requests come alone. */
const TICK_MS = 5;
const REMOVAL_MS = 10_000;
const MOST_CONNECTIONS = 128;

/** Sends requests at a steady rate, whatever becomes of them, and waits until all have ended. */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const load = new Load(options);
  const startedAtMs = performance.now();
  let sent = 0;
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const elapsedMs = performance.now() - startedAtMs;
      for (; sent < (elapsedMs * options.requestsPerSecond) / 1000; sent += 1) load.sendOne();
      if (elapsedMs < options.durationMs) return;
      clearInterval(timer);
      resolve();
    }, TICK_MS);
  });
  return load.end();
}

class Load {
  readonly #options: LoadOptions;
  readonly #planner: RequestPlanner;
  readonly #directPlanner: RequestPlanner;
  readonly #through: Place;
  readonly #direct: Place;
  readonly #underWay = new Set<Promise<void>>();
  readonly #result: LoadResult = {
    ...{ requests: 0, bytes: 0, leavers: 0, stalled: 0, faulted: 0, wrongBytes: 0 },
    mistakes: new Map(),
    throughMs: new Map(),
    directMs: new Map(),
  };

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#planner = new RequestPlanner(new Random(options.seed));
    this.#directPlanner = new RequestPlanner(new Random(options.seed, 1));
    const createAgent = (): Agent => new Agent({ keepAlive: true, maxSockets: MOST_CONNECTIONS });
    this.#through = { port: options.port, path: '/', agent: createAgent() };
    const { s3, bucket } = options.upstream;
    this.#direct = { port: Number(new URL(s3).port), path: `/${bucket}/`, agent: createAgent() };
  }

  sendOne(): void {
    this.#result.requests += 1;
    this.#track(this.#sendThrough(this.#planner.next()));
    if (this.#result.requests % REQUESTS_PER_DIRECT === 0) this.#track(this.#sendDirect());
  }

  async end(): Promise<LoadResult> {
    await Promise.all(this.#underWay);
    this.#through.agent.destroy();
    this.#direct.agent.destroy();
    return this.#result;
  }

  async #sendThrough(plan: PlannedRequest): Promise<void> {
    const { upstream } = this.#options;
    const { client, fault, kind, object } = plan;
    if (fault !== undefined) await upstream.stage({ put: object, fault: fault.play, times: fault.times });
    const { mistake, hasWrongBytes, totalMs, bytes } = await playRequest(plan, this.#through);
    // A client that has left may still be served for a moment.
    if (fault !== undefined) setTimeout(() => upstream.remove(object.key), REMOVAL_MS).unref();
    const result = this.#result;
    result.bytes += bytes;
    result.leavers += client.does === 'leave' ? 1 : 0;
    result.stalled += client.does === 'stall' ? 1 : 0;
    result.faulted += fault === undefined ? 0 : 1;
    result.wrongBytes += hasWrongBytes ? 1 : 0;
    if (mistake !== undefined) {
      const circumstances = `${kind}, client ${client.does}, ${fault === undefined ? 'no fault' : JSON.stringify(fault)}`;
      count(result.mistakes, `${mistake} (${circumstances})`);
    } else if (client.does === 'read' && fault === undefined) note(result.throughMs, kind, totalMs);
  }

  /** The same kinds of requests, signed before the clock starts. */
  async #sendDirect(): Promise<void> {
    let plan = this.#directPlanner.next();
    while (plan.client.does !== 'read' || plan.fault !== undefined || plan.kind === 'condition')
      plan = this.#directPlanner.next();
    const { path } = this.#direct;
    const headers = await signForS3({
      method: plan.method,
      path: path + plan.object.key,
      host: `127.0.0.1:${this.#direct.port}`,
      region: this.#options.upstream.region,
      credential: FAKE_CREDENTIAL,
    });
    const { mistake, totalMs } = await playRequest(plan, { ...this.#direct, headers });
    // S3 may close an idle connection just then, which nobody retries here; that is not what is judged.
    if (mistake === undefined) note(this.#result.directMs, plan.kind, totalMs);
  }

  #track(sending: Promise<void>): void {
    this.#underWay.add(sending);
    void sending.finally(() => this.#underWay.delete(sending));
  }
}

function note<Key>(lists: Map<Key, number[]>, key: Key, value: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

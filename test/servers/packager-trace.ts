import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';

const FIXTURES = join(import.meta.dirname, '../fixtures');
const ANSWER_DEADLINE_MS = 10_000;

/** One recorded request of the packager, and what it got. Bytes of an error's body are the recording server's own. */
export interface TraceRequest {
  /** Which of the packager's upstream connections carried it. */
  readonly connection: number;
  readonly method: 'GET' | 'HEAD';
  /** Request target, byte for byte. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly status: number;
  /** Bytes of the body. */
  readonly length: number;
}

export interface ReplayAnswer {
  readonly status: number;
  readonly body: Buffer;
  readonly headers: IncomingHttpHeaders;
  /** Whether it came on a connection that an earlier request had used. */
  readonly reusedConnection: boolean;
}

export type ReplayTarget = ({ readonly port: number } | { readonly socketPath: string }) & {
  readonly requests: readonly TraceRequest[];
  /** Instead of the recorded Host. */
  readonly host?: string;
};

/** The recorded requests, in order. */
export function loadTrace(): readonly TraceRequest[] {
  return JSON.parse(readFileSync(join(FIXTURES, 'packager-trace.json'), 'utf8')) as TraceRequest[];
}

/**
 * The objects that the recording reads, by key. The two clips are the recorded files; the others have the recorded
 * reads' extent, but content of our own, different for each key and at each offset.
 */
export function traceObjects(requests: readonly TraceRequest[] = loadTrace()): ReadonlyMap<string, Buffer> {
  const objects = new Map<string, Buffer>([
    ['small/clip.mp4', readFileSync(join(FIXTURES, 'media/clip.mp4'))],
    ['small/clip-moov-last.mp4', readFileSync(join(FIXTURES, 'media/clip-moov-last.mp4'))],
    ['json/show.json', mappingJson(requests)],
  ]);
  const found = requests.filter(({ status }) => status < 300);
  const generated = new Set(found.map(({ target }) => objectKey(target)).filter((key) => !objects.has(key)));
  for (const key of generated) {
    const ends = found.filter(({ target }) => objectKey(target) === key).map(closedRangeEnd);
    objects.set(key, patternBytes(key, Math.max(...ends) + 1));
  }
  return objects;
}

/** The bytes that a request of the recording must get; undefined for an error, whose body is the server's. */
export function expectedBody(traced: TraceRequest, objects: ReadonlyMap<string, Buffer>): Buffer | undefined {
  if (traced.method === 'HEAD') return Buffer.alloc(0);
  const object = objects.get(objectKey(traced.target));
  if (object === undefined || traced.status >= 300) return undefined;
  const range = /^bytes=(\d*)-(\d*)$/.exec(traced.headers['Range'] ?? 'bytes=0-');
  const [, first = '', last = ''] = range ?? [];
  if (first === '') return object.subarray(-Number(last));
  return object.subarray(Number(first), last === '' ? undefined : Number(last) + 1);
}

/** The object key that a recorded target names. */
export function objectKey(target: string): string {
  return decodeURIComponent(target.slice(1));
}

/**
 * Sends the requests one after another, on kept connections as recorded, and resolves with the answers in order.
 * @throws {Error} that names the request, when an answer is not complete within ten seconds
 */
export async function replayTrace(target: ReplayTarget): Promise<ReplayAnswer[]> {
  const agents = new Map<number, Agent>();
  const answers: ReplayAnswer[] = [];
  try {
    for (const traced of target.requests) {
      const agent = agents.get(traced.connection) ?? new Agent({ keepAlive: true, maxSockets: 1 });
      agents.set(traced.connection, agent);
      answers.push(await replayRequest(traced, { target, agent }));
    }
  } finally {
    for (const agent of agents.values()) agent.destroy();
  }
  return answers;
}

async function replayRequest(
  traced: TraceRequest,
  { target, agent }: { readonly target: ReplayTarget; readonly agent: Agent },
): Promise<ReplayAnswer> {
  const address =
    'port' in target ? { host: '127.0.0.1', port: target.port } : { socketPath: target.socketPath };
  const headers = target.host === undefined ? traced.headers : { ...traced.headers, Host: target.host };
  const signal = AbortSignal.timeout(ANSWER_DEADLINE_MS);
  try {
    const sent = request({ ...address, agent, headers, method: traced.method, path: traced.target, signal });
    // HTTP/1.1 keeps connections without it, and the packager does not send it.
    sent.removeHeader('Connection');
    sent.end();
    const [response] = (await once(sent, 'response', { signal })) as [IncomingMessage];
    const body = Buffer.concat((await response.toArray({ signal })) as Buffer[]);
    return {
      status: response.statusCode ?? 0,
      body,
      headers: response.headers,
      reusedConnection: sent.reusedSocket,
    };
  } catch (cause) {
    const range = traced.headers['Range'] ?? 'no range';
    throw new Error(`No whole answer to ${traced.method} ${traced.target} (${range})`, { cause });
  }
}

/** A mapping of the two shows that the recording reads after it, of the recorded length. */
function mappingJson(requests: readonly TraceRequest[]): Buffer {
  const length = requests.find(({ target }) => target === '/json/show.json')?.length ?? 0;
  const sequences = ['/show_2000.mp4', '/show_800.mp4'].map((path) => ({
    clips: [{ type: 'source', path }],
  }));
  return Buffer.from(`${JSON.stringify({ sequences }).padEnd(length - 1)}\n`);
}

function closedRangeEnd({ headers }: TraceRequest): number {
  return Number(/^bytes=\d+-(\d+)$/.exec(headers['Range'] ?? '')?.[1] ?? 0);
}

function patternBytes(key: string, length: number): Buffer {
  return createHash('shake256', { outputLength: length }).update(key).digest();
}

import { EventEmitter, once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, inflateSync } from 'node:zlib';
import { withDeadline } from '../support/with-deadline.ts';
import { createTestAuthority } from './test-certificates.ts';

/** One call of an agent, by the protocol that New Relic's agents speak (version 17). */
export interface CollectorCall {
  /** Such as `connect` or `metric_data`. */
  readonly method: string;
  readonly licenseKey: string;
  /** Names the process that has connected. */
  readonly runId: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly payload: unknown;
  /** All of the payload, what is packed in it unpacked. */
  readonly text: string;
}

export interface FakeNewRelic {
  /** In the order of arrival. */
  readonly calls: readonly CollectorCall[];
  /** Connections, whatever came of them. */
  connectionsMade(): number;
  /** What a program needs in its environment to find this place, and to ask no cloud where it is. */
  readonly environment: Readonly<Record<string, string>>;
  /** The payloads of all calls of a method. */
  payloads(method: string): unknown[];
  waitFor(condition: () => boolean, awaited: string): Promise<void>;
  close(): Promise<void>;
}

export interface FakeNewRelicOptions {
  /** Status in place of an answer, by method. */
  readonly refusals?: Readonly<Record<string, number>>;
}

const HARVEST_PERIOD_MS = 1000;
const CLOUDS = ['AWS', 'AZURE', 'AZUREFUNCTION', 'DOCKER', 'GCP', 'KUBERNETES', 'PCF'];

/** New Relic's collector on loopback, over TLS, for the real agent. */
export async function startFakeNewRelic({ refusals = {} }: FakeNewRelicOptions = {}): Promise<FakeNewRelic> {
  const authority = await createTestAuthority();
  const { key, cert } = await authority.issue({ names: ['localhost'] });
  const calls: CollectorCall[] = [];
  const events = new EventEmitter();
  let connectionCount = 0;
  const server = createServer({ key, cert }, (request, response) => {
    void readCall(request).then((call) => {
      calls.push(call);
      answer(response, refusals[call.method] ?? 200, answerTo(call, port, calls));
      events.emit('call');
    });
  });
  server.on('connection', () => (connectionCount += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    calls,
    connectionsMade: () => connectionCount,
    environment: {
      NEW_RELIC_HOST: 'localhost',
      NEW_RELIC_PORT: String(port),
      NEW_RELIC_CERTIFICATES: authority.ca,
      ...Object.fromEntries(CLOUDS.map((cloud) => [`NEW_RELIC_UTILIZATION_DETECT_${cloud}`, 'false'])),
    },
    payloads: (method) => calls.filter((call) => call.method === method).map(({ payload }) => payload),
    waitFor: async (condition, awaited) => {
      const holds = async (): Promise<void> => {
        while (!condition()) await once(events, 'call');
      };
      await withDeadline(holds(), awaited, 15_000);
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await authority.remove();
    },
  };
}

async function readCall(request: IncomingMessage): Promise<CollectorCall> {
  const query = new URL(request.url ?? '', 'https://localhost').searchParams;
  const body = unpack(await buffer(request), request.headers['content-encoding']);
  const payload: unknown = JSON.parse(body);
  return {
    method: query.get('method') ?? '',
    licenseKey: query.get('license_key') ?? '',
    runId: query.get('run_id') ?? undefined,
    headers: request.headers,
    payload,
    text: [body, ...findPacked(payload)].join('\n'),
  };
}

function unpack(body: Buffer, encoding: string | undefined): string {
  if (encoding === 'gzip') return gunzipSync(body).toString();
  return (encoding === 'deflate' ? inflateSync(body) : body).toString();
}

/** Traces come deflated, in base64, in the middle of a payload. */
function findPacked(value: unknown): string[] {
  if (typeof value === 'string')
    return value.startsWith('eJ') ? [inflateSync(Buffer.from(value, 'base64')).toString()] : [];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(findPacked) : [];
}

function answerTo({ method }: CollectorCall, port: number, calls: readonly CollectorCall[]): unknown {
  if (method === 'preconnect') return { redirect_host: `localhost:${port}` };
  if (method !== 'connect') return null;
  return {
    agent_run_id: `run-${calls.length}`,
    entity_guid: 'an-entity',
    account_id: '1',
    primary_application_id: '1',
    trusted_account_key: '1',
    event_harvest_config: {
      report_period_ms: HARVEST_PERIOD_MS,
      harvest_limits: { analytic_event_data: 1000, custom_event_data: 100, error_event_data: 100 },
    },
    span_event_harvest_config: { report_period_ms: HARVEST_PERIOD_MS, harvest_limit: 1000 },
  };
}

function answer(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ return_value: value }));
}

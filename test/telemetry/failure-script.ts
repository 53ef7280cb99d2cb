import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { CredentialSource } from '../../src/credentials/credential-source.ts';
import type { FailureName } from '../../src/failures.ts';
import { FAKE_CREDENTIAL, type FakeS3, startFakeS3 } from '../servers/fake-s3.ts';
import type { Fault } from '../servers/fake-s3-faults.ts';
import { createTestAuthority } from '../servers/test-certificates.ts';
import { Connection } from '../support/connection.ts';
import { waitUntil } from '../support/with-deadline.ts';
import type { WatchedDaemon } from './open-watched-daemon.ts';

/** Everything that the script of failures needs beside the daemon. */
export interface FailureStage {
  readonly s3: FakeS3;
  /** Of the daemon. */
  readonly settings: Readonly<Record<string, string>>;
  readonly routes: string;
  readonly credentials: CredentialSource;
  /** Makes every failure happen once, but for `drain_deadline`, whose request is left waiting. */
  play(daemon: WatchedDaemon): Promise<void>;
  close(): Promise<void>;
}

/** Each time-out strikes once. */
const SETTINGS = {
  'retries.attempts': '1',
  'retries.resumes': '0',
  'hedge.enabled': 'false',
  's3.region': 'eu-west-1',
  's3.learn_region': 'false',
  'timeouts.connect': '300ms',
  'timeouts.first_byte': '300ms',
  'timeouts.body_stall': '300ms',
  'timeouts.client_stall': '300ms',
  'timeouts.client_header': '300ms',
  'limits.max_requests': '1',
  'limits.max_queued': '0',
} as const;

/** Bytes of the object that most of them ask for, and how many of it come before it breaks. */
const OBJECT_BYTES = 3000;
export const BROKEN_AT = 1000;

export async function openFailureStage(): Promise<FailureStage> {
  const authority = await createTestAuthority();
  const [s3, untrusted, silent, nobody] = await Promise.all([
    startFakeS3(),
    startFakeS3({ tls: await authority.issue({}) }),
    startSilentServer(),
    findClosedPort(),
  ]);
  s3.put('a', { size: OBJECT_BYTES });
  s3.put('big', { size: 40_000_000 });
  const source = new SwitchableSource();
  const routes = [
    ['/s3/', s3.endpoint],
    ['/nobody/', `http://127.0.0.1:${nobody}`],
    ['/silent/', `https://127.0.0.1:${silent.port}`],
    ['/untrusted/', untrusted.endpoint],
  ].map(([path, endpoint]) => ({ path, endpoint, bucket: s3.bucket }));
  return {
    s3,
    settings: SETTINGS,
    routes: JSON.stringify(routes),
    credentials: source,
    play: (daemon) => play(daemon, s3, source),
    close: async () => {
      await Promise.all([s3.close(), untrusted.close(), silent.close(), authority.remove()]);
    },
  };
}

/** Failures that the client's bytes alone bring about. */
const BY_BYTES: readonly (readonly [FailureName, string])[] = [
  ['malformed_request', 'GET /s3/a b HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  ['header_too_large', `GET /s3/a HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`],
  ['request_head_timeout', 'GET /s3/a HTTP/1.1\r\n'],
  ['method_not_allowed', 'CONNECT localhost:1 HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  ['method_not_allowed', 'POST /s3/a HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  ['host_not_allowed', 'GET /s3/a HTTP/1.1\r\nHost: evil.example.com\r\n\r\n'],
  ['bad_target', 'GET http://localhost/s3/a HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  ['bad_percent_encoding', 'GET /s3/%zz HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  ['dot_segment', 'GET /s3/../a HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  ['key_too_long', `HEAD /s3/${'k'.repeat(1025)} HTTP/1.1\r\nHost: localhost\r\n\r\n`],
  ['no_key', 'GET /s3/ HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  ['no_route', 'GET /elsewhere/a HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  ['missing_host', 'GET /s3/a HTTP/1.1\r\n\r\n'],
  [
    'repeated_header',
    'GET /s3/a HTTP/1.1\r\nHost: localhost\r\nRange: bytes=0-1\r\nRange: bytes=0-1\r\n\r\n',
  ],
  ['body_not_allowed', 'GET /s3/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\n1'],
  ['s3_unreachable', 'GET /nobody/a HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  ['s3_tls', 'GET /untrusted/a HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  ['s3_connect_timeout', 'GET /silent/a HTTP/1.1\r\nHost: localhost\r\n\r\n'],
];

/** Failures that a fault of S3 brings about, with the beginning of the request. */
const BY_FAULTS: readonly (readonly [FailureName, Fault, string?])[] = [
  ['s3_first_byte_timeout', { kind: 'stall', at: 'before-head' }],
  ['s3_reset', { kind: 'reset', at: 'before-head' }],
  ['s3_bad_response', { kind: 'garbage' }],
  ['s3_wrong_range', { kind: 'content-range', shiftBytes: 1 }, 'Range: bytes=10-19'],
  ['s3_redirect', { kind: 'redirect', status: 301 }],
  ['body_cut', { kind: 'finish', at: BROKEN_AT }],
  ['body_stall', { kind: 'stall', at: BROKEN_AT }],
];

async function play(daemon: WatchedDaemon, s3: FakeS3, source: SwitchableSource): Promise<void> {
  for (const [, bytes] of BY_BYTES) await exchange(daemon.port, bytes);
  for (const [, fault, header] of BY_FAULTS) {
    s3.inject(fault, { key: 'a' });
    await exchange(daemon.port, get('a', header));
  }
  await askFromElsewhere(daemon);
  source.mode = 'none';
  await exchange(daemon.port, get('a'));
  source.mode = 'broken';
  await exchange(daemon.port, get('a'));
  source.mode = 'good';
  await stopReading(daemon);
  await leaveWhileAnotherIsRefused(daemon, s3);
  s3.inject({ kind: 'stall', at: BROKEN_AT }, { key: 'a' });
  const last = new Connection(daemon.port).send(get('a'));
  await last.until(() => last.receivedBytes > BROKEN_AT, 'the beginning of a body');
}

function get(key: string, header?: string): string {
  return `GET /s3/${key} HTTP/1.1\r\nHost: localhost\r\n${header === undefined ? '' : `${header}\r\n`}\r\n`;
}

/** Sends bytes, and waits for an answer or an end. */
async function exchange(port: number, bytes: string): Promise<void> {
  const connection = new Connection(port).send(bytes);
  const method = bytes.startsWith('HEAD') ? 'HEAD' : 'GET';
  await Promise.race([connection.readResponse(method).catch(() => undefined), connection.untilClosed()]);
  connection.destroy();
}

/** A connection that seems to come from another machine. */
async function askFromElsewhere({ daemon, reports }: WatchedDaemon): Promise<void> {
  const adopt = daemon.adopt();
  const door = createServer({ pauseOnConnect: true }, (socket) => {
    Object.defineProperty(socket, 'remoteAddress', { value: '192.0.2.1' });
    adopt('tcp', socket);
  }).listen(0, '127.0.0.1');
  await once(door, 'listening');
  await exchange((door.address() as AddressInfo).port, get('a'));
  await waitUntil(() => reports.at(-1)?.failure === 'peer_not_loopback', 'the report of the peer');
  door.close();
}

async function stopReading({ port, reports }: WatchedDaemon): Promise<void> {
  const connection = new Connection(port).send(get('big'));
  connection.keepsBytes = false;
  await connection.until(() => connection.receivedBytes > 0, 'the first bytes');
  connection.socket.pause();
  await waitUntil(() => reports.at(-1)?.failure === 'client_stall', 'the report of the reader that stopped');
  connection.destroy();
}

async function leaveWhileAnotherIsRefused({ port, reports }: WatchedDaemon, s3: FakeS3): Promise<void> {
  s3.inject({ kind: 'stall', at: BROKEN_AT }, { key: 'a' });
  const first = new Connection(port).send(get('a'));
  await first.until(() => first.receivedBytes > BROKEN_AT, 'the beginning of a body');
  await exchange(port, get('a'));
  await waitUntil(() => reports.at(-1)?.failure === 'overloaded', 'the report of the one too many');
  first.reset();
  await waitUntil(() => reports.at(-1)?.failure === 'client_gone', 'the report of the client that left');
}

/** Credentials that are there, are not, or cannot even be looked at. */
class SwitchableSource implements CredentialSource {
  mode: 'good' | 'none' | 'broken' = 'good';

  current(): typeof FAKE_CREDENTIAL | undefined {
    if (this.mode === 'broken') throw new Error('unforeseen');
    return this.mode === 'good' ? FAKE_CREDENTIAL : undefined;
  }

  waitForFirst(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  replaceRefused(): Promise<typeof FAKE_CREDENTIAL> {
    return Promise.resolve(FAKE_CREDENTIAL);
  }

  mayBeExpired(): boolean {
    return false;
  }
}

/** Accepts connections, and never says a word. */
async function startSilentServer(): Promise<{ readonly port: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => sockets.add(socket.on('error', () => undefined)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

async function findClosedPort(): Promise<number> {
  const server = await startSilentServer();
  await server.close();
  return server.port;
}

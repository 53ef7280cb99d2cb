import { execFile } from 'node:child_process';
import type { Socket } from 'node:net';
import { promisify } from 'node:util';
import { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  createTestAuthority,
  type ServerCertificate,
  type TestAuthority,
} from '../../servers/test-certificates.ts';
import { get, openClient, openServer } from './open-client.ts';
import { endpointAt, type RawServer, respond } from './raw-server.ts';

let authority: TestAuthority;
let right: ServerCertificate;
let wrong: ServerCertificate;

beforeAll(async () => {
  authority = await createTestAuthority();
  [right, wrong] = await Promise.all([authority.issue(), authority.issue({ names: ['wrong-name.test'] })]);
});

afterAll(() => authority.remove());

const loopback = {
  lookup: (
    _host: string,
    _options: object,
    answer: (error: null, all: { address: string; family: number }[]) => void,
  ) => answer(null, [{ address: '127.0.0.1', family: 4 }]),
};

function openTlsServer({ cert, key }: ServerCertificate, more: object = {}): Promise<RawServer> {
  const tls = { cert, key, ALPNProtocols: ['h2', 'http/1.1'], ...more };
  return openServer((_request, { socket }) => socket.write(respond('ok', 'Connection: close')), { tls });
}

function asTls(socket: Socket | undefined): TLSSocket {
  if (!(socket instanceof TLSSocket)) throw new Error('not over TLS');
  return socket;
}

test("S3 is verified by its host's name, with HTTP/1.1 only", async () => {
  const server = await openTlsServer(right);
  const endpoint = endpointAt(server.port, 'bucket.s3.us-east-1.amazonaws.com', 'https:');
  const client = openClient(endpoint, { ...loopback, ca: authority.ca });
  expect(await get(client)).toMatchObject({ isComplete: true });
  expect(asTls(server.connections[0]?.socket)).toMatchObject({
    servername: endpoint.hostname,
    alpnProtocol: 'http/1.1',
  });
});

test('an IP address is held against the certificate and not sent as a name', async () => {
  const server = await openTlsServer(right);
  const client = openClient(endpointAt(server.port, '127.0.0.1', 'https:'), { ca: authority.ca });
  expect(await get(client)).toMatchObject({ isComplete: true });
  expect(asTls(server.connections[0]?.socket).servername).toBe(false);
  const other = await openTlsServer(wrong);
  const refusing = openClient(endpointAt(other.port, '127.0.0.1', 'https:'), { ca: authority.ca });
  expect(await get(refusing)).toMatchObject({ error: 'ERR_TLS_CERT_ALTNAME_INVALID' });
});

test.each(['TLSv1.2', 'TLSv1.3'] as const)('a wrong name is refused each time, over %s', async (version) => {
  const server = await openTlsServer(wrong, { minVersion: version, maxVersion: version });
  const client = openClient(endpointAt(server.port, 'localhost', 'https:'), {
    ...loopback,
    ca: authority.ca,
  });
  for (let count = 0; count < 3; count += 1)
    expect(await get(client)).toMatchObject({ error: 'ERR_TLS_CERT_ALTNAME_INVALID', statusCode: undefined });
  expect(server.connections.flatMap(({ requests }) => requests)).toEqual([]);
});

test('an unknown authority and an expired certificate are refused', async () => {
  const server = await openTlsServer(right);
  const untrusting = openClient(endpointAt(server.port, 'localhost', 'https:'), loopback);
  expect(await get(untrusting)).toMatchObject({ error: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
  const late = await openTlsServer(await authority.issue({ expired: true }));
  const client = openClient(endpointAt(late.port, 'localhost', 'https:'), { ...loopback, ca: authority.ca });
  expect(await get(client)).toMatchObject({ error: 'CERT_HAS_EXPIRED' });
});

test('a `ca` that is no certificate shows at once', () => {
  expect(() => openClient(endpointAt(1, 'localhost', 'https:'), { ca: 'no PEM' })).toThrow();
});

test.each(['TLSv1.2', 'TLSv1.3'] as const)(
  'the next connection resumes the session, over %s',
  async (version) => {
    const seen: boolean[] = [];
    const tls = { ...right, minVersion: version, maxVersion: version };
    const server = await openServer(
      (_request, { socket }) => {
        seen.push(asTls(socket).isSessionReused());
        socket.write(respond('ok', 'Connection: close'));
      },
      { tls },
    );
    const client = openClient(endpointAt(server.port, 'localhost', 'https:'), {
      ...loopback,
      ca: authority.ca,
    });
    for (let count = 0; count < 3; count += 1) expect(await get(client)).toMatchObject({ isComplete: true });
    expect(seen).toEqual([false, true, true]);
  },
);

test('a body of many records comes whole to a slow reader', async () => {
  const body = 'abcdefgh'.repeat(100_000);
  const server = await openServer((_request, { socket }) => socket.write(respond(body)), { tls: right });
  const client = openClient(endpointAt(server.port, 'localhost', 'https:'), {
    ...loopback,
    ca: authority.ca,
  });
  for (let count = 0; count < 3; count += 1) expect((await get(client)).body.toString()).toBe(body);
  expect(server.connections).toHaveLength(1);
});

/** Asks two servers, whose authorities are known by NODE_EXTRA_CA_CERTS and by `ca`; prints what came of it. */
const CHILD = `
import { createWireClient } from ${JSON.stringify(new URL('../../../src/s3/wire/create-wire-client.ts', import.meta.url))};
const { ports, ca } = JSON.parse(process.argv[1]);
const times = { connectTimeoutMs: 5000, firstByteTimeoutMs: 5000, bodyStallTimeoutMs: 5000 };
const ask = (port, options) => new Promise((resolve) => {
  const endpoint = { protocol: 'https:', hostname: '127.0.0.1', port };
  const client = createWireClient(endpoint, { ...times, ...options });
  client.start({ method: 'GET', target: '/', headers: ['host', 'h'] }, {
    onHead: ({ statusCode }) => resolve(statusCode),
    onError: ({ code }) => resolve(code),
  });
});
console.log(JSON.stringify([await ask(ports[0], {}), await ask(ports[0], { ca }), await ask(ports[1], { ca }), await ask(ports[1], {})]));
process.exit(0);
`;

test('NODE_EXTRA_CA_CERTS counts with `ca` and without', async () => {
  const second = await createTestAuthority();
  try {
    const servers = await Promise.all([openTlsServer(right), openTlsServer(await second.issue())]);
    const argument = JSON.stringify({ ports: servers.map(({ port }) => port), ca: second.ca });
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '--eval', CHILD, argument],
      { env: { ...process.env, NODE_EXTRA_CA_CERTS: authority.caFile, NODE_OPTIONS: '' }, timeout: 10_000 },
    );
    expect(JSON.parse(stdout)).toEqual([200, 200, 200, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE']);
  } finally {
    await second.remove();
  }
});

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type LookupFunction, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { encodeS3Path } from '../servers/send-signed-request.ts';
import { type Swift, startSwift } from '../servers/start-swift.ts';
import { createTestAuthority, type TestAuthority, WRONG_SERVER_NAMES } from '../servers/test-certificates.ts';
import { sendRequest } from '../support/send-request.ts';
import { startProxy } from '../support/start-proxy.ts';

const ENDPOINT_NAME = 's3.us-east-1.amazonaws.com';
const PLAIN = 'tbucket';
const DOTTED = 'my.dotted.bucket';
const KEY = "séries/it's one+1.mp4";
const BODY = Buffer.from('over TLS');
const HTTPS_PORT = 443;

let swift: Swift;
/** Swift at the port that AWS's own URLs mean; undefined on a machine that does not let us have it. */
let atHttpsPort: Server | undefined;

beforeAll(async () => {
  swift = await startSwift();
  for (const bucket of [PLAIN, DOTTED]) {
    await swift.createBucket(bucket);
    await swift.putObject(bucket, KEY, BODY);
  }
  atHttpsPort = await forwardHttpsPort(swift.tlsPort);
});

afterAll(async () => {
  atHttpsPort?.close();
  await swift.close();
});

/** A daemon that resolves every name to this machine and tells which ones it asked for. */
async function startDaemon(settings: Readonly<Record<string, string>>, ca?: string) {
  const names: string[] = [];
  const lookup: LookupFunction = (name, { all }, callback) => {
    names.push(name);
    if (all === true) callback(null, [{ address: '127.0.0.1', family: 4 }]);
    else callback(null, '127.0.0.1', 4);
  };
  const proxy = await startProxy({
    settings: { 's3.region': 'us-east-1', ...settings },
    credentials: swift,
    lookup,
    ...(ca !== undefined && { ca }),
  });
  onTestFinished(() => proxy.close());
  return { proxy, names };
}

describe.each([
  // AWS's URLs: no port in Host, as the signature of a request to S3 itself has it.
  ['its own port', () => ({})],
  // A custom endpoint has its port in Host, and Swift takes the name before it.
  ['another port', () => ({ 's3.endpoint': `https://${ENDPOINT_NAME}:${swift.tlsPort}` })],
])('AWS’s endpoint, at %s', (where, createSettings) => {
  test.for([
    ['by its own name', PLAIN, `${PLAIN}.${ENDPOINT_NAME}`],
    ['by the path, as the certificate’s wildcard is for one label', DOTTED, ENDPOINT_NAME],
  ] as const)('finds a bucket %s', async ([, bucket, name], { skip }) => {
    const isMissing = where === 'its own port' && atHttpsPort === undefined;
    skip(isMissing, `port ${HTTPS_PORT} is taken, or only root may listen there`);
    const { proxy, names } = await startDaemon({ 's3.bucket': bucket, ...createSettings() }, swift.ca);
    const whole = await sendRequest(proxy.port, encodeS3Path(KEY));
    const part = await sendRequest(proxy.port, encodeS3Path(KEY), { headers: { Range: 'bytes=5-' } });
    const head = await sendRequest(proxy.port, encodeS3Path(KEY), { method: 'HEAD' });
    const missing = await sendRequest(proxy.port, '/none');
    expect([whole.status, whole.body]).toEqual([200, BODY]);
    expect([part.status, part.text]).toEqual([206, 'TLS']);
    expect([head.status, missing.status]).toEqual([200, 404]);
    expect(new Set(names)).toEqual(new Set([name]));
  });
});

describe('a server that cannot prove its name', () => {
  let authority: TestAuthority;
  beforeAll(async () => {
    authority = await createTestAuthority();
  });
  afterAll(() => authority.remove());

  /** What the daemon answers and reports when a server with this certificate stands in S3's place. */
  async function askWith(port: number, ca: string | undefined) {
    const endpoint = `https://${ENDPOINT_NAME}:${port}`;
    const { proxy } = await startDaemon({ 's3.bucket': PLAIN, 's3.endpoint': endpoint }, ca);
    const { status, text } = await sendRequest(proxy.port, encodeS3Path(KEY));
    const { failure, cause } = await proxy.nextReport();
    expect(text).toContain('<Message>S3 could not prove its identity.</Message>');
    return { status, failure, code: cause?.split(':')[0] };
  }

  test('since we trust another authority than its own is 502', async () => {
    expect(await askWith(swift.tlsPort, authority.ca)).toEqual({
      status: 502,
      failure: 's3_tls',
      code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    });
  });

  test('since we trust the system’s authorities alone is 502', async () => {
    expect(await askWith(swift.tlsPort, undefined)).toMatchObject({ status: 502, failure: 's3_tls' });
  });

  test.each([
    [{ names: WRONG_SERVER_NAMES }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    [{ names: [ENDPOINT_NAME] }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    [{ expired: true }, 'CERT_HAS_EXPIRED'],
  ])('with a certificate of %j is 502', async (options, code) => {
    const { cert, key } = await authority.issue(options);
    let asked = 0;
    const server = createTlsServer({ cert, key }, (socket) => socket.on('data', () => (asked += 1)));
    server.on('tlsClientError', () => undefined);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    expect(await askWith(port, authority.ca)).toEqual({ status: 502, failure: 's3_tls', code });
    // Not even the head, which holds the session token, was sent.
    expect(asked).toBe(0);
  });
});

/** @returns undefined where the port cannot be had; in CI it must */
async function forwardHttpsPort(port: number): Promise<Server | undefined> {
  const server = createServer((incoming) => {
    const outgoing = connect(port, '127.0.0.1');
    incoming.pipe(outgoing).pipe(incoming);
    incoming.on('error', () => outgoing.destroy());
    outgoing.on('error', () => incoming.destroy());
  });
  try {
    await once(server.listen(HTTPS_PORT, '127.0.0.1'), 'listening');
    return server;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (process.env['CI'] !== undefined || !['EACCES', 'EADDRINUSE'].includes(code)) throw error;
    return undefined;
  }
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, type Socket, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer, connect as connectTls } from 'node:tls';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import hostileKeys from '../fixtures/hostile-keys.json' with { type: 'json' };
import { type S3rver, startS3rver } from '../servers/start-s3rver.ts';
import { type Swift, startSwift } from '../servers/start-swift.ts';
import {
  type S3Answer,
  type S3Request,
  type S3Server,
  encodeS3Path,
  sendSigned,
  sendUnsigned,
} from '../servers/send-signed-request.ts';
import {
  type ServerCertificate,
  type TestAuthority,
  WRONG_SERVER_NAMES,
  createTestAuthority,
} from '../servers/test-certificates.ts';

const BUCKET = 'strict';
const BUCKET_HOST = `${BUCKET}.s3.us-east-1.amazonaws.com`;
const KEY = 'film/one segment+1.ts';
const BODY = Buffer.from('the right body');
const GET: S3Request = { method: 'GET', path: encodeS3Path(BUCKET, KEY) };
const MINUTE_MS = 60_000;
const START_DEADLINE_MS = 45_000;
const GONE_DEADLINE_MS = 10_000;
const HANDSHAKE_DEADLINE_MS = 5_000;

describe('Swift', () => {
  let swift: Swift;
  let server: S3Server;

  beforeAll(async () => {
    swift = await startSwift();
    const { httpPort: port, region, accessKeyId, secretAccessKey } = swift;
    server = { port, region, accessKeyId, secretAccessKey };
    await swift.createBucket(BUCKET);
    await swift.putObject(BUCKET, KEY, BODY, { 'content-type': 'video/mp2t', 'x-amz-meta-take': '7' });
  });

  afterAll(() => swift.close());

  refusesWhatIsNotSignedRight(() => server);

  test.each([-16, 16])('refuses a signature %i minutes from now', async (minutes) => {
    const signingDate = new Date(Date.now() + minutes * MINUTE_MS);
    const answer = await sendSigned(server, { ...GET, signingDate });
    expect(s3Error(answer)).toEqual([403, 'RequestTimeTooSkewed']);
  });

  test('does not serve a request without a signature', async () => {
    expect((await sendUnsigned(server, GET)).status).toBe(400);
  });

  test('refuses a signature for another region and names the right one', async () => {
    const answer = await sendSigned({ ...server, region: 'eu-west-1' }, GET);
    expect(s3Error(answer)).toEqual([400, 'AuthorizationHeaderMalformed']);
    expect(answer.body.toString()).toContain('us-east-1');
  });

  test('denies the user who may read nothing, though the signature is right', async () => {
    const { limitedAccessKeyId: accessKeyId, limitedSecretAccessKey: secretAccessKey } = swift;
    const answer = await sendSigned({ ...server, accessKeyId, secretAccessKey }, GET);
    expect(s3Error(answer)).toEqual([403, 'AccessDenied']);
  });

  test('keeps the headers an object was stored with', async () => {
    expect((await sendSigned(server, GET)).headers).toMatchObject({
      'content-type': 'video/mp2t',
      'x-amz-meta-take': '7',
    });
  });

  test('serves buckets by virtual-hosted style, over HTTP and over TLS under the real name', async () => {
    const request: S3Request = { ...GET, path: encodeS3Path(KEY), host: BUCKET_HOST };
    expect(await statusAndBody(sendSigned(server, request))).toEqual([200, BODY.toString()]);
    const tls: S3Server = { ...server, port: swift.tlsPort, ca: swift.ca };
    expect(await statusAndBody(sendSigned(tls, request))).toEqual([200, BODY.toString()]);
  });

  test('gives every hostile key back by its own body', async () => {
    await swift.createBucket('hostile');
    const bodyOf = (index: number) => `body of key ${index}`;
    for (const [index, key] of hostileKeys.entries()) {
      await swift.putObject('hostile', key, Buffer.from(bodyOf(index)));
    }
    const wrong: unknown[] = [];
    for (const [index, key] of hostileKeys.entries()) {
      const answer = await sendSigned(server, { method: 'GET', path: encodeS3Path('hostile', key) });
      if (answer.status !== 200 || answer.body.toString() !== bodyOf(index)) wrong.push({ key, ...answer });
    }
    expect(wrong).toEqual([]);
    expect(hostileKeys).toHaveLength(44);
  });
});

describe('s3rver', () => {
  let s3rver: S3rver;

  beforeAll(async () => {
    s3rver = await startS3rver();
    await s3rver.createBucket(BUCKET);
    await s3rver.putObject(BUCKET, KEY, BODY);
  });

  afterAll(() => s3rver.close());

  refusesWhatIsNotSignedRight(() => s3rver);

  // What s3rver 5 gets wrong, so that no one rests a proof on it; when one of these fails, s3rver has been mended.
  test('serves a request without a signature', async () => {
    expect(await statusAndBody(sendUnsigned(s3rver, GET))).toEqual([200, BODY.toString()]);
  });

  test.each([-16, 16])('takes a signature %i minutes from now', async (minutes) => {
    const signingDate = new Date(Date.now() + minutes * MINUTE_MS);
    const answer = sendSigned(s3rver, { ...GET, signingDate });
    expect(await statusAndBody(answer)).toEqual([200, BODY.toString()]);
  });

  test('refuses virtual-hosted style, though the signature is right', async () => {
    const answer = await sendSigned(s3rver, { ...GET, path: encodeS3Path(KEY), host: BUCKET_HOST });
    expect(s3Error(answer)).toEqual([403, 'SignatureDoesNotMatch']);
  });

  test('takes a signature for another region', async () => {
    const answer = sendSigned({ ...s3rver, region: 'eu-west-1' }, GET);
    expect(await statusAndBody(answer)).toEqual([200, BODY.toString()]);
  });
});

function refusesWhatIsNotSignedRight(findServer: () => S3Server): void {
  test('serves a request that is signed right', async () => {
    expect(await statusAndBody(sendSigned(findServer(), GET))).toEqual([200, BODY.toString()]);
  });

  test('refuses a signature by another secret', async () => {
    const answer = await sendSigned({ ...findServer(), secretAccessKey: 'wrong' }, GET);
    expect(s3Error(answer)).toEqual([403, 'SignatureDoesNotMatch']);
  });

  test('refuses an access key id that it does not know', async () => {
    const answer = await sendSigned({ ...findServer(), accessKeyId: 'nobody' }, GET);
    expect(answer.status).toBe(403);
  });

  test.each([-14, 14])('takes a signature %i minutes from now', async (minutes) => {
    const signingDate = new Date(Date.now() + minutes * MINUTE_MS);
    expect((await sendSigned(findServer(), { ...GET, signingDate })).status).toBe(200);
  });
}

async function statusAndBody(answer: Promise<S3Answer>): Promise<[number, string]> {
  const { status, body } = await answer;
  return [status, body.toString()];
}

function s3Error({ status, body }: S3Answer): [number, string | undefined] {
  return [status, /<Code>(\w+)<\/Code>/.exec(body.toString())?.[1]];
}

test('a process that is killed before it can close its Swift takes it along', async () => {
  const directory = await mkdtemp(join(tmpdir(), 's3-helper-killed-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const starter = pathToFileURL(join(import.meta.dirname, '../servers/start-swift.ts')).href;
  const source = `import { startSwift } from ${JSON.stringify(starter)};
    const { httpPort, tlsPort } = await startSwift();
    process.stdout.write(JSON.stringify([httpPort, tlsPort]));`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    env: { ...process.env, TMPDIR: directory },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const started = AbortSignal.timeout(START_DEADLINE_MS);
  const [line] = (await once(child.stdout, 'data', { signal: started })) as [Buffer];
  const sockets = (JSON.parse(line.toString()) as number[]).map((port) => connect(port, '127.0.0.1'));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));

  const gone = AbortSignal.timeout(GONE_DEADLINE_MS);
  const closed = sockets.map((socket) => waitUntilCut(socket, gone));
  child.kill('SIGKILL');
  await Promise.all(closed);
});

describe('a test certificate', () => {
  let authority: TestAuthority;

  beforeAll(async () => {
    authority = await createTestAuthority();
  });

  afterAll(() => authority.remove());

  test('is trusted under S3 names by who trusts its authority', async () => {
    expect(await verdictOn(await authority.issue(), authority.ca)).toBe('trusted');
  });

  test('is refused when it has expired', async () => {
    expect(await verdictOn(await authority.issue({ expired: true }), authority.ca)).toBe('CERT_HAS_EXPIRED');
  });

  test('is refused under a name it does not hold', async () => {
    const certificate = await authority.issue({ names: WRONG_SERVER_NAMES });
    expect(await verdictOn(certificate, authority.ca)).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  test('is refused by who trusts another authority', async () => {
    const other = await createTestAuthority();
    await other.remove();
    expect(await verdictOn(await authority.issue(), other.ca)).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  });
});

/** Resolves when the peer has closed or reset the connection. */
async function waitUntilCut(socket: Socket, deadline: AbortSignal): Promise<void> {
  try {
    await once(socket.resume(), 'close', { signal: deadline });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error;
  }
}

/** `trusted`, or the error code of the client's handshake under a bucket's name. */
async function verdictOn(certificate: ServerCertificate, ca: string): Promise<string | undefined> {
  const server = createTlsServer({ cert: certificate.cert, key: certificate.key }).listen(0, '127.0.0.1');
  server.on('tlsClientError', () => undefined);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const socket = connectTls({ host: '127.0.0.1', port, servername: BUCKET_HOST, ca });
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(HANDSHAKE_DEADLINE_MS) });
    return 'trusted';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  } finally {
    socket.destroy();
    server.close();
  }
}

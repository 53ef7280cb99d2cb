import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Credentials } from '../../src/s3/sign/request-signer.ts';
import { encodeS3Path, sendSigned } from '../servers/send-signed-request.ts';
import { type Swift, startSwift } from '../servers/start-swift.ts';
import { sendRequest } from '../support/send-request.ts';
import { startProxy } from '../support/start-proxy.ts';

const BUCKET = 'refusals';
const KEY = 'film/segment 1.ts';
const TARGET = encodeS3Path(KEY);
const BODY = 'the right body';
const SESSION_TOKEN = `IQoJb3JpZ2luX2VjE+/=${'t0kEn'.repeat(180)}`;
const MINUTE_MS = 60_000;

let swift: Swift;

beforeAll(async () => {
  swift = await startSwift();
  await swift.createBucket(BUCKET);
  await swift.putObject(BUCKET, KEY, Buffer.from(BODY));
});

afterAll(() => swift.close());

/** A daemon in front of Swift that lives as long as the test. */
async function startDaemon(credentials: Credentials, settings: Readonly<Record<string, string>> = {}) {
  const proxy = await startProxy({
    settings: {
      's3.bucket': BUCKET,
      's3.region': swift.region,
      's3.endpoint': `http://127.0.0.1:${swift.httpPort}`,
      ...settings,
    },
    credentials,
  });
  onTestFinished(() => proxy.close());
  return proxy;
}

test('a session token is sent and signed, and Swift takes the signature', async () => {
  const { port, sent } = await startRecordingForwarder(swift.httpPort);
  const { accessKeyId, secretAccessKey } = swift;
  const proxy = await startDaemon(
    { accessKeyId, secretAccessKey, sessionToken: SESSION_TOKEN },
    { 's3.endpoint': `http://127.0.0.1:${port}` },
  );
  const { status, text } = await sendRequest(proxy.port, TARGET, { headers: { Range: 'bytes=4-8' } });
  expect([status, text]).toEqual([206, BODY.slice(4, 9)]);
  expect(sent()).toContain(`\r\nx-amz-security-token: ${SESSION_TOKEN}\r\n`);
  expect(sent()).toContain('SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token,');
});

describe('a signature by another secret', () => {
  const sessionToken = SESSION_TOKEN;
  const secretAccessKey = 'not/the+secret';
  // As the canonical request's bytes are told: `49 51 6f …`.
  const tokenInHex = Buffer.from(sessionToken.slice(0, 12)).toString('hex').replace(/..\B/g, '$& ');

  test('makes Swift tell the session token and the canonical request', async () => {
    const { httpPort: port, region, accessKeyId } = swift;
    const answer = await sendSigned(
      { port, region, accessKeyId, secretAccessKey },
      { method: 'GET', path: encodeS3Path(BUCKET, KEY), headers: { 'x-amz-security-token': sessionToken } },
    );
    const xml = answer.body.toString();
    expect(answer.status).toBe(403);
    for (const text of [
      '<Code>SignatureDoesNotMatch</Code>',
      'AWS4-HMAC-SHA256',
      sessionToken,
      tokenInHex,
      accessKeyId,
    ]) {
      expect(xml).toContain(text);
    }
  });

  test.each(['GET', 'HEAD'])('is 403 to a client’s %s, which learns nothing of that', async (method) => {
    const { accessKeyId } = swift;
    const proxy = await startDaemon({ accessKeyId, secretAccessKey, sessionToken });
    const answer = await sendRequest(proxy.port, TARGET, { method });
    const report = await proxy.nextReport();
    expect([answer.status, answer.isComplete]).toEqual([403, true]);
    expect(report).toMatchObject({ status: 403, s3Status: 403, attempts: 1, failure: undefined });
    expect(report.s3ErrorCode).toBe(method === 'GET' ? 'SignatureDoesNotMatch' : undefined);
    if (method === 'GET') {
      expect(answer.text.replace(report.requestId, 'ID')).toBe(
        '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>SignatureDoesNotMatch</Code>' +
          '<Message>S3 answered with status 403.</Message><RequestId>ID</RequestId></Error>\n',
      );
    }
    const told = JSON.stringify([answer.rawHeaders, answer.text, report, proxy.logLines]);
    for (const secret of [
      sessionToken.slice(0, 12),
      tokenInHex,
      accessKeyId,
      secretAccessKey,
      'AWS4',
      'x-amz-',
    ])
      expect(told).not.toContain(secret);
  });
});

test('who may read nothing gets 403, for a missing object too', async () => {
  const { limitedAccessKeyId: accessKeyId, limitedSecretAccessKey: secretAccessKey } = swift;
  const proxy = await startDaemon({ accessKeyId, secretAccessKey });
  for (const target of [TARGET, '/none']) {
    const { status, text, headers } = await sendRequest(proxy.port, target);
    expect([status, headers['content-type']]).toEqual([403, 'application/xml']);
    expect(text).toContain('<Code>AccessDenied</Code>');
    expect(text).not.toContain('segment');
    expect(await proxy.nextReport()).toMatchObject({ s3ErrorCode: 'AccessDenied', attempts: 1 });
  }
  const head = await sendRequest(proxy.port, TARGET, { method: 'HEAD' });
  expect([head.status, head.body.length, head.isComplete]).toEqual([403, 0, true]);
});

test('a bucket that is not there is 404', async () => {
  const proxy = await startDaemon(swift, { 's3.bucket': 'no-such-bucket' });
  const { status, text } = await sendRequest(proxy.port, TARGET);
  expect(status).toBe(404);
  expect(text).toContain('<Code>NoSuchBucket</Code>');
  expect(text).not.toContain('no-such-bucket');
});

test('a signature for another region is 400, and the report says why', async () => {
  const proxy = await startDaemon(swift, { 's3.signing_region': 'eu-west-1' });
  const { status, text } = await sendRequest(proxy.port, TARGET);
  expect(status).toBe(400);
  expect(text).not.toContain('us-east-1');
  expect(await proxy.nextReport()).toMatchObject({
    s3ErrorCode: 'AuthorizationHeaderMalformed',
    attempts: 1,
  });
});

describe('on a machine whose clock is wrong', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test.each([-20, 20, 3 * 24 * 60])(
    'by %i minutes, Swift refuses one signature and serves all after it',
    async (minutes) => {
      const proxy = await startDaemon(swift);
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + minutes * MINUTE_MS });
      for (const [method, attempts] of [
        ['GET', 2],
        ['GET', 1],
        ['HEAD', 1],
      ] as const) {
        const { status } = await sendRequest(proxy.port, TARGET, { method });
        const report = await proxy.nextReport();
        expect([method, status, report.attempts]).toEqual([method, 200, attempts]);
      }
      expect(Math.abs(proxy.clock.offsetMs + minutes * MINUTE_MS)).toBeLessThan(5000);
    },
  );

  test('a HEAD finds out too, though its refusal has no body', async () => {
    const proxy = await startDaemon(swift);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 20 * MINUTE_MS });
    const { status } = await sendRequest(proxy.port, TARGET, { method: 'HEAD' });
    expect([status, (await proxy.nextReport()).attempts]).toEqual([200, 2]);
  });
});

/** Passes everything on to a port of this machine, and remembers what was sent there, until the test ends. */
async function startRecordingForwarder(toPort: number): Promise<{ port: number; sent: () => string }> {
  let sent = '';
  const server = createServer((incoming) => {
    const outgoing = connect(toPort, '127.0.0.1');
    incoming.on('data', (chunk: Buffer) => (sent += chunk.toString('latin1')));
    incoming.pipe(outgoing).pipe(incoming);
    incoming.on('error', () => outgoing.destroy());
    outgoing.on('error', () => incoming.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, sent: () => sent };
}

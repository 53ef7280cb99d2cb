import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type LookupFunction, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startFakeS3 } from '../servers/fake-s3.ts';
import { createTestAuthority, type TestAuthority, WRONG_SERVER_NAMES } from '../servers/test-certificates.ts';
import { diagnoseHere, toSettings } from './diagnose-here.ts';
import { useS3 } from './use-s3.ts';

const s3 = useS3();

const BASE = { 's3.bucket': 'media', 's3.region': 'eu-west-1' };

/** Resolves every name to these addresses. */
function lookupTo(...addresses: readonly string[]): LookupFunction {
  return (_name, _options, done) =>
    done(
      null,
      addresses.map((address) => ({ address, family: 4 })),
    );
}

function failLookup(code: string): LookupFunction {
  return (name, _options, done) => done(Object.assign(new Error(`${code} ${name}`), { code }), []);
}

async function listenWith(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

async function findClosedPort(): Promise<number> {
  const server = createServer();
  const port = await listenWith(server);
  server.close();
  await once(server, 'close');
  return port;
}

describe('DNS:', () => {
  test('a region that AWS does not have', async () => {
    const settings = { ...BASE, 's3.region': 'eu-wset-1' };
    const { of } = await diagnoseHere({ settings, lookup: failLookup('ENOTFOUND') });
    expect(of('dns')).toMatchObject({
      status: 'fail',
      subject: 'https://media.s3.eu-wset-1.amazonaws.com',
      says: 'there is no media.s3.eu-wset-1.amazonaws.com (ENOTFOUND)',
      fix: 'is s3.region: eu-wset-1 spelt as AWS spells it?',
    });
    for (const check of ['tcp', 'tls', 'clock', 'region'])
      expect(of(check)).toMatchObject({ status: 'skip', says: expect.stringMatching(/^needs /) as string });
  });

  test('a server that has no name for each bucket', async () => {
    const settings = { ...BASE, 's3.endpoint': 'http://storage.example.net' };
    const { of } = await diagnoseHere({ settings, lookup: failLookup('ENOTFOUND') });
    expect(of('dns')).toMatchObject({
      status: 'fail',
      says: 'there is no media.storage.example.net (ENOTFOUND)',
      fix: expect.stringContaining('s3.path_style: true') as string,
    });
  });

  test('a server whose name is wrong', async () => {
    const settings = { ...BASE, 's3.endpoint': 'http://storage.example.net', 's3.path_style': 'true' };
    const { of } = await diagnoseHere({ settings, lookup: failLookup('ENOTFOUND') });
    expect(of('dns')).toMatchObject({ status: 'fail', fix: 'correct the host name in s3.endpoint' });
  });

  test('name servers that do not answer', async () => {
    const { of } = await diagnoseHere({ settings: BASE, lookup: failLookup('EAI_AGAIN') });
    expect(of('dns')).toMatchObject({
      status: 'fail',
      says: 'no name server answers (EAI_AGAIN)',
      fix: expect.stringContaining('/etc/resolv.conf') as string,
    });
  });
});

describe('TCP:', () => {
  test('nobody listens', async () => {
    const port = await findClosedPort();
    const { of } = await diagnoseHere({ settings: { ...BASE, 's3.endpoint': `http://127.0.0.1:${port}` } });
    expect(of('tcp')).toMatchObject({
      status: 'fail',
      says: `port ${port} takes no connection (ECONNREFUSED)`,
      fix: 'is the server running, and is the port in s3.endpoint right?',
    });
    expect(of('clock')).toMatchObject({ status: 'skip', says: `needs tcp http://127.0.0.1:${port}` });
  });

  test('one of several addresses is dead', async () => {
    const settings = { ...BASE, 's3.endpoint': `http://storage.test:${s3.current.port}` };
    const { of } = await diagnoseHere({ settings, lookup: lookupTo('127.0.0.1', '127.0.0.2') });
    expect(of('dns')).toMatchObject({ status: 'ok', says: '127.0.0.1 127.0.0.2' });
    expect(of('tcp')).toMatchObject({
      status: 'warn',
      says: '1 of 2 addresses take no connection: 127.0.0.2 (ECONNREFUSED)',
      fix: expect.stringContaining('the daemon leaves them out') as string,
      facts: { addresses: 2, failed: 1 },
    });
    expect(of('permissions').status).toBe('ok');
  });
});

describe('TLS:', () => {
  let authority: TestAuthority;
  beforeAll(async () => {
    authority = await createTestAuthority();
  });
  afterAll(() => authority.remove());

  async function lookAtServer(options: Parameters<TestAuthority['issue']>[0], ca: string | undefined) {
    const server = await startFakeS3({ tls: await authority.issue(options) });
    onTestFinished(() => server.close());
    return diagnoseHere({ settings: toSettings(server, ca === undefined ? {} : { 's3.ca': ca }) });
  }

  test('a certificate of an authority of one’s own is good where s3.ca names it', async () => {
    const { of } = await lookAtServer({ names: ['127.0.0.1'] }, authority.caFile);
    // Such a certificate lives for two days.
    expect(of('tls')).toMatchObject({
      status: 'warn',
      says: expect.stringMatching(/^TLSv1\.3, certificate for another 1 days$/) as string,
      fix: expect.stringContaining('renewed in time') as string,
    });
    expect(of('permissions').status).toBe('ok');
  });

  test('and is not without it', async () => {
    const { of } = await lookAtServer({ names: ['127.0.0.1'] }, undefined);
    expect(of('tls')).toMatchObject({
      status: 'fail',
      says: 'no handshake (UNABLE_TO_VERIFY_LEAF_SIGNATURE)',
      fix: 'name a file with the certificate of its authority in s3.ca',
    });
    expect(of('signature').status).toBe('skip');
  });

  test('an expired certificate', async () => {
    const { of } = await lookAtServer({ names: ['127.0.0.1'], expired: true }, authority.caFile);
    expect(of('tls')).toMatchObject({
      status: 'fail',
      says: 'no handshake (CERT_HAS_EXPIRED)',
      fix: expect.stringMatching(/renew the certificate.+set the clock/) as string,
    });
  });

  test('a certificate for other names', async () => {
    const { of } = await lookAtServer({ names: WRONG_SERVER_NAMES }, authority.caFile);
    expect(of('tls')).toMatchObject({
      status: 'fail',
      says: 'no handshake (ERR_TLS_CERT_ALTNAME_INVALID)',
      fix: expect.stringContaining('write the host in s3.endpoint as the certificate has it') as string,
    });
  });

  test('a server that speaks plain HTTP', async () => {
    const port = await listenWith(createHttpServer());
    const { of } = await diagnoseHere({ settings: { ...BASE, 's3.endpoint': `https://127.0.0.1:${port}` } });
    expect(of('tls')).toMatchObject({
      status: 'fail',
      says: expect.stringMatching(/^no handshake \(ERR_SSL_/) as string,
      fix: expect.stringContaining('write http:// in s3.endpoint') as string,
    });
  });

  test('a server that never answers the handshake', async () => {
    const port = await listenWith(
      createServer((socket) => void socket.on('error', () => undefined).resume()),
    );
    const settings = { ...BASE, 's3.endpoint': `https://127.0.0.1:${port}`, 'timeouts.connect': '200ms' };
    const { of } = await diagnoseHere({ settings });
    expect(of('tls')).toMatchObject({
      status: 'fail',
      says: 'no handshake (ETIMEDOUT)',
      fix: expect.stringContaining('or a firewall holds it up') as string,
    });
  });

  test('a file of authorities that holds none', async () => {
    const ca = join(authority.caFile, '../empty.pem');
    writeFileSync(ca, 'no certificate\n');
    const { of } = await lookAtServer({ names: ['127.0.0.1'] }, ca);
    expect(of('tls')).toMatchObject({
      status: 'fail',
      says: `s3.ca: ${ca} holds no certificate`,
      fix: expect.stringContaining('PEM certificates') as string,
    });
  });
});

describe('the clock:', () => {
  test.each([
    [-20 * 60, 'ahead of', 'fail'],
    [20 * 60, 'behind', 'fail'],
    [-120, 'ahead of', 'warn'],
  ])('S3’s is off by %i s', async (seconds, side, status) => {
    s3.current.clock.offsetMs = seconds * 1000;
    const { of } = await diagnoseHere({ settings: toSettings(s3.current) });
    expect(of('clock')).toMatchObject({
      status,
      says: expect.stringMatching(new RegExp(`^this machine is \\d+ s ${side} S3`)) as string,
      fix: expect.stringContaining('timedatectl set-ntp true') as string,
    });
    expect(Math.abs(Number(of('clock').facts?.['ahead_s']) + seconds)).toBeLessThanOrEqual(1);
    // What comes after is looked at with S3's time, as the daemon serves with it.
    expect(of('signature').status).toBe('ok');
  });

  test('an answer without a Date', async () => {
    const port = await listenWith(
      createServer((socket) => {
        socket.on('error', () => undefined);
        socket.on('data', () => socket.write('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n'));
      }),
    );
    const { of } = await diagnoseHere({ settings: { ...BASE, 's3.endpoint': `http://127.0.0.1:${port}` } });
    expect(of('clock')).toMatchObject({
      status: 'warn',
      says: expect.stringContaining('no Date') as string,
      fix: expect.stringContaining('s3.endpoint') as string,
    });
  });

  test('a server that speaks another protocol', async () => {
    const port = await listenWith(
      createServer((socket) => socket.on('error', () => undefined).write('SSH-2.0-OpenSSH_9.2\r\n\r\n')),
    );
    const { of } = await diagnoseHere({ settings: { ...BASE, 's3.endpoint': `http://127.0.0.1:${port}` } });
    expect(of('clock')).toMatchObject({
      status: 'fail',
      says: expect.stringMatching(/^s3_bad_response/) as string,
      fix: expect.stringContaining('s3.endpoint leads to something that is no S3') as string,
    });
  });
});

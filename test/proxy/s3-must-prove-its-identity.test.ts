import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FAKE_CREDENTIAL, startFakeS3 } from '../servers/fake-s3.ts';
import {
  type CertificateOptions,
  createTestAuthority,
  type TestAuthority,
  WRONG_SERVER_NAMES,
} from '../servers/test-certificates.ts';
import { ONE_ATTEMPT, toProxyOptions } from '../support/open-scene.ts';
import { sendRequest } from '../support/send-request.ts';
import { startProxy } from '../support/start-proxy.ts';

let authority: TestAuthority;
let otherAuthority: TestAuthority;
beforeAll(async () => {
  [authority, otherAuthority] = await Promise.all([createTestAuthority(), createTestAuthority()]);
});
afterAll(async () => {
  await Promise.all([authority.remove(), otherAuthority.remove()]);
});

/** Asks for `/a` through a daemon that trusts `ca`, from an S3 with such a certificate. */
async function askOverTls(certificate: CertificateOptions, ca: string | undefined, issuer = authority) {
  const s3 = await startFakeS3({ tls: await issuer.issue(certificate) });
  const proxy = await startProxy({ ...toProxyOptions(s3), ...(ca === undefined ? {} : { ca }) });
  s3.put('a', 'object');
  try {
    const answer = await sendRequest(proxy.port, '/a');
    return { answer, report: await proxy.nextReport(), seen: s3.seen.length };
  } finally {
    await proxy.close();
    await s3.close();
  }
}

test('A certificate of a trusted authority for the right name is taken.', async () => {
  const { answer, report, seen } = await askOverTls({}, authority.ca);
  expect([answer.status, answer.text, seen]).toEqual([200, 'object', 1]);
  expect(report.failure).toBeUndefined();
});

describe('Not taken, 502, and never sent a signed request:', () => {
  test.each([
    ['another name', { names: WRONG_SERVER_NAMES }],
    ['an expired certificate', { expired: true }],
  ])('%s', async (_, certificate) => {
    const { answer, report, seen } = await askOverTls(certificate, authority.ca);
    expect([answer.status, seen]).toEqual([502, 0]);
    expect(report).toMatchObject({ status: 502, failure: 's3_tls' });
  });

  test('another authority', async () => {
    const { answer, report, seen } = await askOverTls({}, authority.ca, otherAuthority);
    expect([answer.status, report.failure, seen]).toEqual([502, 's3_tls', 0]);
  });

  test('an authority that nobody said to trust', async () => {
    const { answer, report, seen } = await askOverTls({}, undefined);
    expect([answer.status, report.failure, seen]).toEqual([502, 's3_tls', 0]);
  });
});

test('What answers the handshake in clear text is 502.', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined).once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const proxy = await startProxy({
    settings: {
      ...ONE_ATTEMPT,
      's3.endpoint': `https://127.0.0.1:${port}`,
      's3.bucket': 'media',
      's3.region': 'eu-west-1',
    },
    credentials: FAKE_CREDENTIAL,
  });
  expect(await sendRequest(proxy.port, '/a')).toMatchObject({ status: 502 });
  expect(await proxy.nextReport()).toMatchObject({ failure: 's3_tls' });
  await proxy.close();
  server.close();
});

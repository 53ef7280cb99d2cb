import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Sha256 } from '@aws-crypto/sha256-js';
import { fromTemporaryCredentials, fromTokenFile } from '@aws-sdk/credential-providers';
import { SignatureV4 } from '@smithy/signature-v4';
import { request } from 'undici';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { stubAwsEnvironment } from './aws-environment.ts';
import { startFakeSts, type FakeSts, type StsFault } from './fake-sts.ts';

const ROLE = 'arn:aws:iam::123456789012:role/app';
const SOURCE = { accessKeyId: 'AKIDSOURCE', secretAccessKey: 'source-secret' };
const singleAttempt = { maxAttempts: 1 };

async function startSts(options?: Parameters<typeof startFakeSts>[0]): Promise<FakeSts> {
  const sts = await startFakeSts(options);
  onTestFinished(() => sts.close());
  stubAwsEnvironment({ AWS_ENDPOINT_URL_STS: sts.endpoint, AWS_REGION: 'eu-west-1' });
  return sts;
}

async function writeTokenFile(token: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'web-identity-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const tokenFile = join(folder, 'token');
  await writeFile(tokenFile, token);
  return tokenFile;
}

function assumeRole(clientConfig: object = singleAttempt, params: object = {}) {
  return fromTemporaryCredentials({
    masterCredentials: SOURCE,
    clientConfig,
    params: { RoleArn: ROLE, ...params },
  });
}

test('AssumeRole is signed by the source credentials and answers with a session of the asked length', async () => {
  const sts = await startSts();
  const beforeMs = Math.floor(Date.now() / 1000) * 1000;
  const params = { RoleSessionName: 's3-helper', ExternalId: 'external', DurationSeconds: 900 };
  const session = await assumeRole(undefined, params)();
  expect(session).toMatchObject({
    accessKeyId: sts.issued[0]?.accessKeyId,
    sessionToken: sts.issued[0]?.sessionToken,
  });
  const lifetimeMs = (session.expiration?.getTime() ?? 0) - beforeMs;
  expect(lifetimeMs).toBeGreaterThanOrEqual(900_000);
  expect(lifetimeMs).toBeLessThan(910_000);
  expect(sts.requests).toEqual([
    {
      action: 'AssumeRole',
      roleArn: ROLE,
      roleSessionName: 's3-helper',
      externalId: 'external',
      webIdentityToken: undefined,
      durationSeconds: 900,
      signingKeyId: 'AKIDSOURCE',
      signingRegion: 'eu-west-1',
    },
  ]);
});

test('AssumeRoleWithWebIdentity is not signed, and the token file is read anew at every fetch', async () => {
  const sts = await startSts();
  const webIdentityTokenFile = await writeTokenFile('jwt-1');
  const provider = fromTokenFile({
    webIdentityTokenFile,
    roleArn: ROLE,
    roleSessionName: 'pod',
    durationSeconds: 1800,
  });
  await provider();
  await writeFile(webIdentityTokenFile, 'jwt-2');
  const session = await provider();
  expect(session).toMatchObject({ accessKeyId: sts.issued[1]?.accessKeyId, accountId: '123456789012' });
  expect(sts.requests.map(({ webIdentityToken }) => webIdentityToken)).toEqual(['jwt-1', 'jwt-2']);
  expect(sts.requests[0]).toMatchObject({
    action: 'AssumeRoleWithWebIdentity',
    roleSessionName: 'pod',
    durationSeconds: 1800,
    signingKeyId: undefined,
  });
});

test('GetCallerIdentity wants a signature and knows the sessions it issued', async () => {
  const sts = await startSts();
  const unsigned = await request(sts.endpoint, {
    method: 'POST',
    body: 'Action=GetCallerIdentity&Version=2011-06-15',
  });
  expect(unsigned.statusCode).toBe(403);
  expect(await unsigned.body.text()).toContain('<Code>MissingAuthenticationToken</Code>');
  const { accessKeyId, secretAccessKey } = await assumeRole()();
  expect(await getCallerIdentity(sts.endpoint, SOURCE)).toContain(
    '<Arn>arn:aws:iam::123456789012:user/source</Arn>',
  );
  expect(await getCallerIdentity(sts.endpoint, { accessKeyId, secretAccessKey })).toContain(':assumed-role/');
});

async function getCallerIdentity(endpoint: string, credentials: typeof SOURCE): Promise<string> {
  const { hostname, host, port } = new URL(endpoint);
  const body = 'Action=GetCallerIdentity&Version=2011-06-15';
  const signer = new SignatureV4({ credentials, region: 'eu-west-1', service: 'sts', sha256: Sha256 });
  const { headers } = await signer.sign({
    method: 'POST',
    protocol: 'http:',
    hostname,
    port: Number(port),
    path: '/',
    headers: { host },
    body,
  });
  const answer = await request(endpoint, { method: 'POST', headers, body });
  return answer.body.text();
}

describe('the SDK reaches it by', () => {
  test.each(['AWS_ENDPOINT_URL_STS', 'AWS_ENDPOINT_URL'])('%s', async (name) => {
    const sts = await startSts();
    stubAwsEnvironment({ [name]: sts.endpoint, AWS_REGION: 'eu-west-1' });
    await assumeRole()();
    expect(sts.requests).toHaveLength(1);
  });

  test('the endpoint of clientConfig, and without any region it signs for us-east-1', async () => {
    const sts = await startSts();
    stubAwsEnvironment({});
    await assumeRole({ endpoint: sts.endpoint })();
    expect(sts.requests[0]?.signingRegion).toBe('us-east-1');
  });

  test('endpoint_url of the profile', async () => {
    const sts = await startSts();
    const file = await writeTokenFile(`[profile app]\nendpoint_url = ${sts.endpoint}\nregion = eu-north-1\n`);
    stubAwsEnvironment({ AWS_CONFIG_FILE: file, AWS_PROFILE: 'app' });
    await assumeRole()();
    expect(sts.requests[0]?.signingRegion).toBe('eu-north-1');
  });
});

const codeAndStatus = (name: string, httpStatusCode: number) => ({
  name,
  $metadata: { httpStatusCode, attempts: 1 },
});

const REPORTS: readonly (readonly [StsFault, object])[] = [
  [
    { kind: 'error', code: 'Throttling' },
    { ...codeAndStatus('Throttling', 400), message: 'Rate exceeded' },
  ],
  [{ kind: 'error', code: 'InternalFailure' }, codeAndStatus('InternalFailure', 500)],
  [{ kind: 'error', code: 'ServiceUnavailable' }, codeAndStatus('ServiceUnavailable', 503)],
  [{ kind: 'error', code: 'AccessDenied' }, codeAndStatus('AccessDenied', 403)],
  [{ kind: 'error', code: 'ExpiredToken' }, codeAndStatus('ExpiredToken', 403)],
  [{ kind: 'error', code: 'ExpiredTokenException' }, codeAndStatus('ExpiredTokenException', 400)],
  [{ kind: 'error', code: 'InvalidIdentityToken' }, codeAndStatus('InvalidIdentityTokenException', 400)],
  [{ kind: 'error', code: 'InvalidClientTokenId' }, codeAndStatus('InvalidClientTokenId', 403)],
  [
    { kind: 'status', status: 503 },
    { ...codeAndStatus('Unknown', 503), message: 'Unknown' },
  ],
  [
    { kind: 'status', status: 502, body: '<html>' },
    { name: 'Error', message: expect.stringContaining('XML parse error') as string },
  ],
  [
    { kind: 'garbage' },
    {
      message: expect.stringMatching(
        /^Invalid response from STS\.assumeRole(WithWebIdentity)? call with role arn/,
      ) as string,
    },
  ],
  [
    { kind: 'truncated' },
    { name: 'Error', message: expect.stringContaining('missing closing tag </SessionToken>') as string },
  ],
  [
    { kind: 'cut' },
    { name: 'Error', code: 'ECONNRESET', message: expect.stringMatching(/^aborted\n/) as string },
  ],
  [{ kind: 'reset' }, { name: 'TimeoutError', code: 'ECONNRESET', message: 'read ECONNRESET' }],
];

describe('what the SDK reports', () => {
  test.each(REPORTS)('%j', async (fault, error) => {
    const sts = await startSts();
    const tokenFile = {
      webIdentityTokenFile: await writeTokenFile('jwt'),
      roleArn: ROLE,
      clientConfig: singleAttempt,
    };
    sts.inject(fault);
    await expect(assumeRole()()).rejects.toMatchObject(error);
    await expect(fromTokenFile(tokenFile)()).rejects.toMatchObject(error);
    sts.recover();
    await expect(assumeRole()()).resolves.toHaveProperty('sessionToken');
  });

  test('a server error only after three attempts, unless told otherwise', async () => {
    const sts = await startSts();
    sts.inject({ kind: 'error', code: 'ServiceUnavailable' });
    await expect(assumeRole({})()).rejects.toMatchObject({ $metadata: { attempts: 3 } });
    expect(sts.requests).toHaveLength(3);
  });

  test('an STS that hangs: nothing, for ever, unless the request handler has a timeout that throws', async () => {
    const sts = await startSts();
    sts.inject({ kind: 'hang' });
    const timeoutMs = 100;
    const outcome = assumeRole()().then(
      () => 'credentials',
      () => 'an error',
    );
    await sts.waitForRequests(1);
    const requestHandler = { requestTimeout: timeoutMs, throwOnRequestTimeout: true };
    await expect(assumeRole({ ...singleAttempt, requestHandler })()).rejects.toMatchObject({
      name: 'TimeoutError',
      code: 'ETIMEDOUT',
    });
    await expect(Promise.race([outcome, delay(3 * timeoutMs, 'still waiting')])).resolves.toBe(
      'still waiting',
    );
  });

  test('a duration or a session name that STS does not allow: ValidationError', async () => {
    const sts = await startSts();
    await expect(assumeRole(undefined, { DurationSeconds: 60 })()).rejects.toMatchObject({
      name: 'ValidationError',
    });
    await expect(assumeRole(undefined, { RoleSessionName: 'x'.repeat(65) })()).rejects.toMatchObject({
      name: 'ValidationError',
    });
    expect(sts.issued).toEqual([]);
  });

  test('a token file that is not there: ENOENT; no file named at all: a sentence', async () => {
    await startSts();
    await expect(
      fromTokenFile({ webIdentityTokenFile: '/nonexistent', roleArn: ROLE })(),
    ).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(fromTokenFile()()).rejects.toMatchObject({
      message: 'Web identity configuration not specified',
    });
  });

  test('no region anywhere: credentials, and a warning that fromTokenFile writes to the console', async () => {
    const sts = await startSts();
    stubAwsEnvironment({ AWS_ENDPOINT_URL_STS: sts.endpoint });
    const warn = vi.spyOn(console, 'warn').mockReturnValue();
    onTestFinished(() => warn.mockRestore());
    await fromTokenFile({ webIdentityTokenFile: await writeTokenFile('jwt'), roleArn: ROLE })();
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('default STS region of us-east-1 used'));
  });
});

test('sessions can be shorter than STS allows, for tests that rotate in real time', async () => {
  await startSts({ lifetimeMs: 20_000 });
  const { expiration } = await assumeRole()();
  expect((expiration?.getTime() ?? 0) - Date.now()).toBeLessThanOrEqual(20_000);
});

import { setTimeout as delay } from 'node:timers/promises';
import { fromInstanceMetadata } from '@aws-sdk/credential-providers';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { issueCredentials } from '../../src/demo/rotating-credentials.ts';
import { stubAwsEnvironment } from './aws-environment.ts';
import { startFakeImds, type FakeImds, type ImdsFault, type ImdsStep } from './fake-imds.ts';

const SDK_TIMEOUT_MS = 300;
const issued = issueCredentials('imds', Math.floor(Date.now() / 1000) * 1000, 3_600_000);

async function startImds(): Promise<FakeImds> {
  const imds = await startFakeImds({ roleName: 'app', credentials: () => issued, region: 'eu-west-1' });
  onTestFinished(() => imds.close());
  stubAwsEnvironment({ AWS_EC2_METADATA_SERVICE_ENDPOINT: imds.endpoint });
  return imds;
}

const provider = fromInstanceMetadata({ ec2MetadataV1Disabled: true, timeout: SDK_TIMEOUT_MS });

test('the SDK takes a token, the role and the credentials, in three requests', async () => {
  const imds = await startImds();
  await expect(provider()).resolves.toMatchObject({
    accessKeyId: issued.accessKeyId,
    secretAccessKey: issued.secretAccessKey,
    sessionToken: issued.sessionToken,
    expiration: new Date(issued.expiresAtMs),
  });
  const list = '/latest/meta-data/iam/security-credentials/';
  expect(imds.requests).toEqual([
    { method: 'PUT', path: '/latest/api/token', step: 'token', hadToken: false },
    { method: 'GET', path: list, step: 'role', hadToken: true },
    { method: 'GET', path: `${list}app`, step: 'credentials', hadToken: true },
  ]);
  expect(imds.credentialFetches).toBe(1);
});

const blocked = {
  name: 'InstanceMetadataV1FallbackError',
  message:
    'AWS EC2 Metadata v1 fallback has been blocked by AWS SDK configuration in the following: ' +
    '[credential provider initialization (runtime option ec2MetadataV1Disabled)].',
};
const timedOut = { name: 'ProviderError', message: 'TimeoutError from instance metadata service' };
const refused = (statusCode: number) => ({
  name: 'ProviderError',
  message: 'Error response received from instance metadata service',
  statusCode,
});
const reset = {
  name: 'ProviderError',
  message: 'Unable to connect to instance metadata service',
  code: 'ECONNRESET',
};

// [step, fault, the SDK's error, how many requests the SDK made]
const REPORTS: readonly (readonly [ImdsStep, ImdsFault, object, number])[] = [
  ['token', { kind: 'hang' }, blocked, 1],
  ['token', { kind: 'slow', delayMs: 10_000 }, blocked, 1],
  ['token', { kind: 'status', status: 500 }, blocked, 1],
  ['token', { kind: 'status', status: 403 }, blocked, 1],
  [
    'token',
    { kind: 'status', status: 400 },
    { name: 'ProviderError', message: 'EC2 Metadata token request returned error', statusCode: 400 },
    1,
  ],
  ['token', { kind: 'reset' }, blocked, 1],
  ['token', { kind: 'garbage' }, refused(401), 2],
  ['role', { kind: 'hang' }, timedOut, 2],
  ['role', { kind: 'status', status: 500 }, refused(500), 2],
  ['role', { kind: 'status', status: 401 }, refused(401), 2],
  ['role', { kind: 'empty' }, { name: 'SyntaxError', message: 'Unexpected end of JSON input' }, 3],
  ['role', { kind: 'garbage' }, refused(404), 3],
  ['role', { kind: 'reset' }, reset, 2],
  ['credentials', { kind: 'hang' }, timedOut, 3],
  ['credentials', { kind: 'slow', delayMs: 10_000 }, timedOut, 3],
  ['credentials', { kind: 'status', status: 500 }, refused(500), 3],
  ['credentials', { kind: 'empty' }, { name: 'SyntaxError', message: 'Unexpected end of JSON input' }, 3],
  [
    'credentials',
    { kind: 'garbage' },
    { name: 'SyntaxError', message: expect.stringContaining('is not valid JSON') as string },
    3,
  ],
  [
    'credentials',
    { kind: 'truncated' },
    { name: 'SyntaxError', message: expect.stringContaining('Unterminated string in JSON') as string },
    3,
  ],
  ['credentials', { kind: 'reset' }, reset, 3],
  [
    'credentials',
    { kind: 'failed' },
    {
      name: 'CredentialsProviderError',
      message: 'Invalid response received from instance metadata service.',
    },
    3,
  ],
];

describe('what the SDK reports', () => {
  test.each(REPORTS)('%s: %j', async (step, fault, error, requestCount) => {
    const imds = await startImds();
    imds.inject(fault, step);
    await expect(provider()).rejects.toMatchObject(error);
    expect(imds.requests).toHaveLength(requestCount);
    imds.recover();
    await expect(provider()).resolves.toMatchObject({ accessKeyId: issued.accessKeyId });
  });

  test('a body cut by the peer: nothing, the SDK waits for ever, its own timeout included', async () => {
    const imds = await startImds();
    imds.inject({ kind: 'cut' }, 'credentials');
    const outcome = provider().then(
      () => 'credentials',
      () => 'an error',
    );
    await imds.waitForRequests(3);
    await expect(Promise.race([outcome, delay(3 * SDK_TIMEOUT_MS, 'still waiting')])).resolves.toBe(
      'still waiting',
    );
  });

  test('version 1, where it is allowed: a GET without a token, which an instance that requires tokens refuses', async () => {
    const imds = await startImds();
    imds.inject({ kind: 'hang' }, 'token');
    await expect(fromInstanceMetadata({ timeout: SDK_TIMEOUT_MS })()).rejects.toMatchObject(refused(401));
    expect(imds.requests.at(-1)).toMatchObject({ step: 'role', hadToken: false });
  });

  test('a service that is slow but within the timeout: credentials', async () => {
    const imds = await startImds();
    imds.inject({ kind: 'slow', delayMs: 20 });
    await expect(provider()).resolves.toMatchObject({ accessKeyId: issued.accessKeyId });
  });

  test('nothing listening: the same blocked fallback as for a hop limit', async () => {
    const imds = await startImds();
    await imds.close();
    await expect(provider()).rejects.toMatchObject(blocked);
  });
});

test('a role that is not there yet is a 404, and its coming and changing are noticed at the next fetch', async () => {
  const imds = await startImds();
  imds.setRole(undefined);
  await expect(provider()).rejects.toMatchObject(refused(404));
  imds.setRole('late');
  await provider();
  expect(imds.requests.at(-1)?.path).toMatch(/\/late$/);
  imds.setRole('other');
  await provider();
  expect(imds.requests.at(-1)?.path).toMatch(/\/other$/);
});

test('expired credentials are extended by the SDK by 5 to 10 minutes, and the true time is kept aside', async () => {
  const imds = await startImds();
  imds.inject({ kind: 'expired', agoMs: 60_000 }, 'credentials');
  const warn = vi.fn();
  const logger = { debug: vi.fn(), info: vi.fn(), warn, error: vi.fn() };
  const before = Date.now();
  const credentials = await fromInstanceMetadata({ ec2MetadataV1Disabled: true, logger })();
  const extendedByMs = (credentials.expiration?.getTime() ?? 0) - before;
  expect(extendedByMs).toBeGreaterThanOrEqual(5 * 60_000);
  expect(extendedByMs).toBeLessThan(10 * 60_000 + 5_000);
  const { originalExpiration } = credentials as { originalExpiration?: Date };
  expect(originalExpiration?.getTime()).toBeLessThanOrEqual(before - 59_000);
  expect(warn).toHaveBeenCalledOnce();
});

test('the package keeps no memory: after a good fetch a failing one throws', async () => {
  const imds = await startImds();
  await provider();
  imds.inject({ kind: 'status', status: 500 }, 'credentials');
  await expect(provider()).rejects.toMatchObject(refused(500));
});

test('waiting for a request that does not come fails with a sentence', async () => {
  const imds = await startImds();
  await expect(imds.waitForRequests(1, 20)).rejects.toThrow('waited 20 ms for request 1, saw 0');
});

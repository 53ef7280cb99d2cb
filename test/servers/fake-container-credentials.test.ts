import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fromContainerMetadata, fromHttp, fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { issueCredentials } from '../../src/demo/rotating-credentials.ts';
import { stubAwsEnvironment } from './aws-environment.ts';
import {
  startFakeContainerCredentials,
  type ContainerFault,
  type Refusal,
} from './fake-container-credentials.ts';

const issued = issueCredentials('container', Math.floor(Date.now() / 1000) * 1000, 3_600_000);
const SDK_TIMEOUT_MS = 250;
const once = { maxRetries: 0, timeout: SDK_TIMEOUT_MS };

async function startEndpoint() {
  const folder = await mkdtemp(join(tmpdir(), 'container-token-'));
  const tokenFile = join(folder, 'token');
  await writeFile(tokenFile, 'token-1');
  const endpoint = await startFakeContainerCredentials({
    credentials: () => issued,
    expectedToken: 'token-1',
  });
  onTestFinished(async () => {
    await endpoint.close();
    await rm(folder, { recursive: true });
  });
  stubAwsEnvironment({
    AWS_CONTAINER_CREDENTIALS_FULL_URI: endpoint.fullUri,
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: tokenFile,
  });
  return { endpoint, tokenFile };
}

test('the SDK sends the content of the token file and gets the credentials in one request', async () => {
  const { endpoint } = await startEndpoint();
  await expect(fromHttp(once)()).resolves.toMatchObject({
    accessKeyId: issued.accessKeyId,
    secretAccessKey: issued.secretAccessKey,
    sessionToken: issued.sessionToken,
    expiration: new Date(issued.expiresAtMs),
  });
  expect(endpoint.requests).toEqual([
    { method: 'GET', path: '/v1/credentials', token: 'token-1', authorized: true },
  ]);
  expect(endpoint.credentialFetches).toBe(1);
});

test('a rotated token is refused until the file holds it, and the file is read anew at every fetch', async () => {
  const { endpoint, tokenFile } = await startEndpoint();
  const provider = fromHttp(once);
  await provider();
  endpoint.setExpectedToken('token-2');
  await expect(provider()).rejects.toThrow('Server responded with status: 400');
  await writeFile(tokenFile, 'token-2');
  await expect(provider()).resolves.toMatchObject({ accessKeyId: issued.accessKeyId });
  expect(endpoint.requests.map(({ token }) => token)).toEqual(['token-1', 'token-1', 'token-2']);
});

const status = (code: number) => ({
  name: 'CredentialsProviderError',
  message: `Server responded with status: ${code}`,
});

const REPORTS: readonly (readonly [ContainerFault, object])[] = [
  [{ kind: 'status', status: 500 }, status(500)],
  [{ kind: 'status', status: 404 }, status(404)],
  [
    { kind: 'garbage' },
    { name: 'SyntaxError', message: expect.stringContaining('is not valid JSON') as string },
  ],
  [{ kind: 'empty' }, { name: 'SyntaxError', message: 'Unexpected end of JSON input' }],
  [
    { kind: 'truncated' },
    { name: 'SyntaxError', message: expect.stringContaining('Unterminated string in JSON') as string },
  ],
  [{ kind: 'cut' }, { name: 'Error', message: 'aborted', code: 'ECONNRESET' }],
  [{ kind: 'reset' }, { name: 'CredentialsProviderError', message: 'TimeoutError: read ECONNRESET' }],
];

const REFUSALS: readonly (readonly [Refusal, object])[] = [
  [
    'expired',
    { ...status(400), Code: 'ExpiredToken', Message: 'The token included in the request is expired.' },
  ],
  ['unauthorized', { ...status(401), Code: 'Unauthorized' }],
  ['text', { ...status(400), Code: undefined }],
];

describe('what the SDK reports', () => {
  test.each(REPORTS)('%j', async (fault, error) => {
    const { endpoint } = await startEndpoint();
    endpoint.inject(fault);
    await expect(fromHttp(once)()).rejects.toMatchObject(error);
    endpoint.recover();
    await expect(fromHttp(once)()).resolves.toMatchObject({ accessKeyId: issued.accessKeyId });
  });

  test.each(REFUSALS)('a token refused as %s', async (refusal, error) => {
    const { endpoint } = await startEndpoint();
    endpoint.setExpectedToken('another');
    endpoint.setRefusal(refusal);
    await expect(fromHttp(once)()).rejects.toMatchObject(error);
  });

  test.each([
    ['token-1\n', 'TypeError [ERR_INVALID_CHAR]: Invalid character in header content ["Authorization"]'],
    ['token-1\r\n', 'Authorization token contains invalid \\r\\n sequence.'],
  ])('a token file that ends a line, %j: no request', async (content, message) => {
    const { endpoint, tokenFile } = await startEndpoint();
    await writeFile(tokenFile, content);
    await expect(fromHttp(once)()).rejects.toMatchObject({ name: 'CredentialsProviderError', message });
    expect(endpoint.requests).toEqual([]);
  });

  test('a token file that is not there: ENOENT, no request', async () => {
    const { endpoint, tokenFile } = await startEndpoint();
    await rm(tokenFile);
    await expect(fromHttp(once)()).rejects.toMatchObject({ name: 'Error', code: 'ENOENT' });
    expect(endpoint.requests).toEqual([]);
  });

  test('nothing listening: the address and ECONNREFUSED', async () => {
    const { endpoint } = await startEndpoint();
    await endpoint.close();
    await expect(fromHttp(once)()).rejects.toThrow(/^Error: connect ECONNREFUSED 127\.0\.0\.1:\d+$/);
  });

  test('an endpoint that hangs: nothing, the SDK only warns on the console when its timeout passes', async () => {
    const { endpoint } = await startEndpoint();
    endpoint.inject({ kind: 'hang' });
    const warn = vi.spyOn(console, 'warn').mockReturnValue();
    onTestFinished(() => warn.mockRestore());
    const outcome = fromHttp(once)().then(
      () => 'credentials',
      () => 'an error',
    );
    await endpoint.waitForRequests(1);
    await expect(Promise.race([outcome, delay(3 * SDK_TIMEOUT_MS, 'still waiting')])).resolves.toBe(
      'still waiting',
    );
    expect(warn).toHaveBeenCalledWith(
      expect.stringContaining('exceeded the configured 250 ms requestTimeout'),
    );
  });

  test('retries: one more request, after the timeout again', async () => {
    const { endpoint } = await startEndpoint();
    endpoint.inject({ kind: 'status', status: 500 });
    await expect(fromHttp({ maxRetries: 1, timeout: 20 })()).rejects.toMatchObject(status(500));
    expect(endpoint.requests).toHaveLength(2);
  });

  test('expired credentials: handed on as they are', async () => {
    const { endpoint } = await startEndpoint();
    endpoint.inject({ kind: 'expired', agoMs: 60_000 });
    const { expiration } = await fromHttp(once)();
    expect(expiration?.getTime()).toBeLessThanOrEqual(Date.now() - 60_000);
  });

  test('the default chain: a sentence that names neither the endpoint nor the refusal', async () => {
    const { endpoint } = await startEndpoint();
    endpoint.setExpectedToken('another');
    await expect(fromNodeProviderChain(once)()).rejects.toMatchObject({
      name: 'CredentialsProviderError',
      message: 'Could not load credentials from any providers',
    });
  });

  test('the older provider, which the chain tries last: it knows no token file', async () => {
    const { endpoint } = await startEndpoint();
    await expect(fromContainerMetadata(once)()).rejects.toMatchObject({ statusCode: 400 });
    expect(endpoint.requests.at(-1)?.token).toBeUndefined();
  });
});

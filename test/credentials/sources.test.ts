import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import type { CredentialSettings } from '../../src/config/config.ts';
import { discoverRegion } from '../../src/credentials/discover-region.ts';
import { openProvider } from '../../src/credentials/open-provider.ts';
import { createRotatingCredentials } from '../../src/demo/rotating-credentials.ts';
import { stubAwsEnvironment } from '../servers/aws-environment.ts';
import { startFakeContainerCredentials } from '../servers/fake-container-credentials.ts';
import { startFakeImds } from '../servers/fake-imds.ts';
import { startFakeSts } from '../servers/fake-sts.ts';

const AUTO: CredentialSettings = {
  source: 'auto',
  profile: undefined,
  roleArn: undefined,
  externalId: undefined,
  sessionName: undefined,
  durationMs: undefined,
  imdsV1: false,
};
const ROLE_ARN = 'arn:aws:iam::123456789012:role/media-reader';
const REGION = 'eu-west-1';

const directory = mkdtempSync(join(tmpdir(), 's3-helper-credentials-'));
afterAll(() => rmSync(directory, { recursive: true }));

function writeFile(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

function open(variables: Readonly<Record<string, string>>, settings: Partial<CredentialSettings> = {}) {
  stubAwsEnvironment(variables);
  return openProvider({ ...AUTO, ...settings }, process.env, REGION);
}

async function startImds() {
  const keys = createRotatingCredentials({ lifetimeMs: 3_600_000, now: Date.now });
  const imds = await startFakeImds({ roleName: 'media', region: REGION, credentials: () => keys.current() });
  onTestFinished(() => imds.close());
  return { keys, imds, variables: { AWS_EC2_METADATA_SERVICE_ENDPOINT: imds.endpoint } };
}

async function startContainer() {
  const keys = createRotatingCredentials({ lifetimeMs: 3_600_000, now: Date.now });
  const container = await startFakeContainerCredentials({
    credentials: () => keys.current(),
    expectedToken: 'token-1',
  });
  onTestFinished(() => container.close());
  const tokenFile = writeFile('container-token', 'token-1');
  const variables = {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: container.fullUri,
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: tokenFile,
  };
  return { keys, container, tokenFile, variables };
}

async function startSts() {
  const sts = await startFakeSts();
  onTestFinished(() => sts.close());
  return { sts, variables: { AWS_ENDPOINT_URL_STS: sts.endpoint, AWS_REGION: REGION } };
}

/** The message of a failed fetch. */
async function messageOf(fetching: Promise<unknown>): Promise<string> {
  return fetching.then(
    () => {
      throw new Error('the fetch did not fail');
    },
    (error: unknown) => (error as Error).message,
  );
}

test('static keys of the environment come first, and do not end', async () => {
  const provider = open({ AWS_ACCESS_KEY_ID: 'AKIDENV', AWS_SECRET_ACCESS_KEY: 's', AWS_SESSION_TOKEN: 't' });
  expect(await provider.fetch()).toEqual({
    accessKeyId: 'AKIDENV',
    secretAccessKey: 's',
    sessionToken: 't',
    expiresAtMs: undefined,
  });
  expect(provider.source).toBe('environment variables');
});

test('a named profile wins over keys of the environment, as with every AWS program', async () => {
  const file = writeFile('credentials', '[media]\naws_access_key_id = AKIDFILE\naws_secret_access_key = s\n');
  const environment = {
    AWS_SHARED_CREDENTIALS_FILE: file,
    AWS_ACCESS_KEY_ID: 'AKIDENV',
    AWS_SECRET_ACCESS_KEY: 's',
  };
  const provider = open(environment, { profile: 'media' });
  expect((await provider.fetch()).accessKeyId).toBe('AKIDFILE');
  expect(provider.source).toBe('profile media');
  expect(provider.watchedFiles).toContain(file);
});

test('a shared credentials file that changes is read anew', async () => {
  const file = writeFile('rotated', '[default]\naws_access_key_id = AKIDONE\naws_secret_access_key = s\n');
  const provider = open({ AWS_SHARED_CREDENTIALS_FILE: file });
  expect((await provider.fetch()).accessKeyId).toBe('AKIDONE');
  writeFile('rotated', '[default]\naws_access_key_id = AKIDTWO\naws_secret_access_key = s\n');
  expect((await provider.fetch()).accessKeyId).toBe('AKIDTWO');
});

test('a profile with a credential process runs it', async () => {
  const output = JSON.stringify({ Version: 1, AccessKeyId: 'AKIDPROC', SecretAccessKey: 's' });
  const script = writeFile('process-output.json', output);
  const config = writeFile('config', `[profile proc]\ncredential_process = cat ${script}\n`);
  for (const source of ['profile', 'process'] as const) {
    const provider = open({ AWS_CONFIG_FILE: config }, { source, profile: 'proc' });
    expect((await provider.fetch()).accessKeyId).toBe('AKIDPROC');
  }
});

test('a profile whose SSO session has ended names the command that begins one', async () => {
  const config = writeFile(
    'sso-config',
    '[profile sso]\nsso_session = s\nsso_account_id = 123456789012\nsso_role_name = r\n' +
      '[sso-session s]\nsso_region = eu-west-1\nsso_start_url = https://sso.invalid/start\n',
  );
  const provider = open({ AWS_CONFIG_FILE: config, HOME: directory }, { source: 'sso', profile: 'sso' });
  expect(await messageOf(provider.fetch())).toMatch(/^SSO: .*aws sso login/);
});

test('the instance role is found by IMDSv2 when nothing else is configured, and its true expiry is known', async () => {
  const { keys, variables } = await startImds();
  const provider = open(variables);
  const issued = keys.current();
  expect(await provider.fetch()).toEqual({
    accessKeyId: issued.accessKeyId,
    secretAccessKey: issued.secretAccessKey,
    sessionToken: issued.sessionToken,
    expiresAtMs: Math.floor(issued.expiresAtMs / 1000) * 1000,
  });
  expect(provider.source).toBe('instance metadata (IMDSv2)');
});

test('an instance that serves expired credentials does not get a made-up expiry from the SDK', async () => {
  const { imds, variables } = await startImds();
  imds.inject({ kind: 'expired', agoMs: 60_000 }, 'credentials');
  const { expiresAtMs } = await open(variables).fetch();
  expect(expiresAtMs).toBeLessThan(Date.now());
});

test.each([
  [{ kind: 'hang' }, 'token', /hop limit must be 2/],
  [{ kind: 'status', status: 500 }, 'token', /hop limit/],
  [{ kind: 'status', status: 500 }, 'role', /in trouble \(5xx\)/],
  [{ kind: 'status', status: 404 }, 'role', /has no role; attach an instance profile/],
  [{ kind: 'garbage' }, 'credentials', /is no credentials/],
  [{ kind: 'truncated' }, 'credentials', /is no credentials/],
  [{ kind: 'failed' }, 'credentials', /is no credentials/],
  [{ kind: 'reset' }, 'credentials', /connection to the metadata service broke/],
  [{ kind: 'hang' }, 'credentials', /in time/],
  [{ kind: 'cut' }, 'credentials', /in time/],
] as const)('instance metadata fault %j at %s is told in words', async (fault, step, words) => {
  const { imds, variables, keys } = await startImds();
  imds.inject(fault, step);
  const message = await messageOf(open(variables).fetch());
  expect(message).toMatch(words);
  expect(message).toMatch(/^instance metadata \(IMDSv2\): /);
  expect(message).not.toContain(keys.current().secretAccessKey.slice(0, 8));
});

test('IMDSv1 is never tried unless it is allowed', async () => {
  const { imds, variables } = await startImds();
  imds.inject({ kind: 'status', status: 404 }, 'token');
  await messageOf(open(variables).fetch());
  expect(imds.requests.filter(({ hadToken, step }) => !hadToken && step !== 'token')).toEqual([]);
  await messageOf(open(variables, { imdsV1: true }).fetch());
  expect(imds.requests.some(({ hadToken, step }) => !hadToken && step === 'role')).toBe(true);
});

test('a role that is absent at boot and then comes is found, without a restart', async () => {
  const { imds, variables } = await startImds();
  imds.setRole(undefined);
  const provider = open(variables);
  expect(await messageOf(provider.fetch())).toMatch(/has no role/);
  imds.setRole('media');
  expect((await provider.fetch()).accessKeyId).toMatch(/^ASIA/);
  imds.setRole('another');
  expect((await provider.fetch()).accessKeyId).toMatch(/^ASIA/);
});

test('the container endpoint is asked with its token file, read anew each time', async () => {
  const { container, tokenFile, variables, keys } = await startContainer();
  const provider = open(variables);
  expect((await provider.fetch()).accessKeyId).toBe(keys.current().accessKeyId);
  expect(provider.source).toBe('container credentials endpoint');
  expect(provider.watchedFiles).toEqual([tokenFile]);
  container.setExpectedToken('token-2');
  expect(await messageOf(provider.fetch())).toMatch(/refuses our authorization token/);
  writeFileSync(tokenFile, 'token-2');
  expect((await provider.fetch()).accessKeyId).toMatch(/^ASIA/);
});

test.each([
  [{ kind: 'hang' }, /does not answer/],
  [{ kind: 'reset' }, /does not answer/],
  [{ kind: 'garbage' }, /is no credentials/],
  [{ kind: 'status', status: 403 }, /refuses our authorization token/],
] as const)(
  'container endpoint fault %j is told in words, never masked by another source',
  async (fault, words) => {
    const { container, variables } = await startContainer();
    container.inject(fault);
    const message = await messageOf(open(variables).fetch());
    expect(message).toMatch(words);
    // aws-sdk-js-v3 #8101: the default chain would name a valid host list, or no provider at all.
    expect(message).not.toMatch(/valid container metadata service|any providers|metadata \(IMDS/);
  },
);

test.each([
  ['missing', /cannot be read/],
  ['newline', /ends in a line break/],
])('a container token file that is %s is named', async (what, words) => {
  const { variables, tokenFile } = await startContainer();
  if (what === 'missing') rmSync(tokenFile);
  else writeFileSync(tokenFile, 'token-1\n');
  expect(await messageOf(open(variables).fetch())).toMatch(words);
});

test('a web identity token becomes a role through STS, and the token file is read anew each time', async () => {
  const { sts, variables } = await startSts();
  const tokenFile = writeFile('web-token', 'jwt-1');
  const environment = { ...variables, AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile, AWS_ROLE_ARN: ROLE_ARN };
  const provider = open(environment, { sessionName: 'vod-7' });
  expect((await provider.fetch()).expiresAtMs).toBeGreaterThan(Date.now());
  writeFileSync(tokenFile, 'jwt-2');
  await provider.fetch();
  expect(sts.requests.map(({ webIdentityToken }) => webIdentityToken)).toEqual(['jwt-1', 'jwt-2']);
  expect(sts.requests[0]).toMatchObject({ roleArn: ROLE_ARN, roleSessionName: 'vod-7' });
  expect(provider.source).toBe('web identity token');
  sts.inject({ kind: 'error', code: 'AccessDenied' });
  expect(await messageOf(provider.fetch())).toMatch(/trust policy/);
  rmSync(tokenFile);
  expect(await messageOf(provider.fetch())).toMatch(/AWS_WEB_IDENTITY_TOKEN_FILE cannot be read/);
});

test('a role can be assumed on top of any source, with external id, session name and duration', async () => {
  const { sts, variables } = await startSts();
  const { variables: instance, keys } = await startImds();
  const role = { roleArn: ROLE_ARN, externalId: 'partner-1', sessionName: 'vod-7', durationMs: 900_000 };
  const provider = open({ ...variables, ...instance }, role);
  const issued = await provider.fetch();
  expect(sts.requests).toMatchObject([
    {
      action: 'AssumeRole',
      roleArn: ROLE_ARN,
      externalId: 'partner-1',
      roleSessionName: 'vod-7',
      signingKeyId: keys.current().accessKeyId,
    },
  ]);
  expect((issued.expiresAtMs ?? 0) - Date.now()).toBeLessThanOrEqual(901_000);
  expect(provider.source).toBe(`role ${ROLE_ARN} by instance metadata (IMDSv2)`);
  for (const [code, words] of [
    ['AccessDenied', /does not let these credentials assume the role/],
    ['Throttling', /asks for fewer requests/],
  ] as const) {
    sts.inject({ kind: 'error', code });
    expect(await messageOf(provider.fetch())).toMatch(words);
  }
});

test('a source that is configured and fails is not replaced by another identity', async () => {
  const { imds, variables: instance } = await startImds();
  const { sts, variables } = await startSts();
  sts.inject({ kind: 'error', code: 'AccessDenied' });
  const tokenFile = writeFile('web-token-2', 'jwt');
  const provider = open({
    ...variables,
    ...instance,
    AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile,
    AWS_ROLE_ARN: ROLE_ARN,
  });
  await messageOf(provider.fetch());
  expect(imds.requests).toEqual([]);
});

test('a shared file without a usable profile leaves the choice to the instance', async () => {
  const { variables } = await startImds();
  const config = writeFile('region-only', '[default]\nregion = eu-west-1\n');
  const provider = open({ ...variables, AWS_CONFIG_FILE: config });
  expect((await provider.fetch()).accessKeyId).toMatch(/^ASIA/);
  expect(provider.source).toBe('instance metadata (IMDSv2)');
});

test('where nothing is configured the message lists what was looked for', async () => {
  expect(await messageOf(open({ AWS_EC2_METADATA_DISABLED: 'true' }).fetch())).toMatch(
    /no credentials|shared configuration/,
  );
});

test('the region comes from the profile or the placement of the instance, and it is said which', async () => {
  const { variables } = await startImds();
  const config = writeFile(
    'region-config',
    '[default]\nregion = ap-south-1\n[profile media]\nregion = sa-east-1\n',
  );
  stubAwsEnvironment({ ...variables, AWS_CONFIG_FILE: config });
  expect(await discoverRegion({ profile: undefined, asksInstance: true })).toEqual({
    region: 'ap-south-1',
    origin: 'the shared configuration files',
  });
  expect(await discoverRegion({ profile: 'media', asksInstance: true })).toMatchObject({
    region: 'sa-east-1',
  });
  stubAwsEnvironment(variables);
  expect(await discoverRegion({ profile: undefined, asksInstance: false })).toBeUndefined();
  expect(await discoverRegion({ profile: undefined, asksInstance: true })).toEqual({
    region: REGION,
    origin: 'the instance metadata',
  });
});

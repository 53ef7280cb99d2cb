import { describe, expect, onTestFinished, test } from 'vitest';
import { issueCredentials } from '../../src/demo/rotating-credentials.ts';
import { FAKE_CREDENTIAL } from '../servers/fake-s3.ts';
import { type FakeImds, startFakeImds } from '../servers/fake-imds.ts';
import { startFakeSts } from '../servers/fake-sts.ts';
import { diagnoseHere, FAKE_KEYS, toSettings } from './diagnose-here.ts';
import { ARN, startIdentityService } from './start-identity-service.ts';
import { useS3 } from './use-s3.ts';

const s3 = useS3();

const HOUR_MS = 3_600_000;

/** An instance whose credentials live for so long, and whose keys the S3 knows. */
async function startInstance(lifetimeMs = HOUR_MS): Promise<FakeImds> {
  const issued = issueCredentials('doctor', Date.now(), lifetimeMs);
  s3.current.credentials.push(issued);
  const imds = await startFakeImds({ roleName: 'reader', region: 'eu-west-1', credentials: () => issued });
  onTestFinished(() => imds.close());
  return imds;
}

function diagnoseOn(imds: FakeImds, more: Readonly<Record<string, string>> = {}) {
  const environment = { AWS_EC2_METADATA_SERVICE_ENDPOINT: imds.endpoint };
  return diagnoseHere({ settings: toSettings(s3.current, more), environment });
}

describe('the source:', () => {
  test('an instance with a role', async () => {
    const imds = await startInstance();
    const { of } = await diagnoseOn(imds);
    expect(of('credentials')).toMatchObject({
      status: 'ok',
      subject: 'auto',
      says: expect.stringMatching(/^instance metadata \(IMDSv2\), key ….{4}$/) as string,
    });
    expect(of('expiry')).toMatchObject({
      status: 'ok',
      says: expect.stringMatching(/^they end in 3\d{3} s$/) as string,
    });
    expect(of('imds')).toMatchObject({
      status: 'ok',
      says: expect.stringMatching(/^IMDSv2 in \d+ ms, role reader$/) as string,
      facts: { imds_v1: false },
    });
    expect(of('signature').status).toBe('ok');
    // Once for credentials, in whatever number of checks they are used.
    expect(imds.credentialFetches).toBe(1);
  });

  test('none at all', async () => {
    const environment = { AWS_EC2_METADATA_DISABLED: 'true' };
    const { of } = await diagnoseHere({ settings: toSettings(s3.current), environment });
    expect(of('credentials')).toMatchObject({
      status: 'fail',
      says: expect.stringContaining('no credentials are configured') as string,
      fix: expect.stringContaining('name another source in credentials.source') as string,
    });
    for (const check of ['expiry', 'identity', 'region', 'signature', 'permissions'])
      expect(of(check)).toMatchObject({ status: 'skip' });
  });

  test.each([
    ['environment', /set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY/],
    ['profile', /the profile is in ~\/\.aws\/config/],
    ['web_identity', /trust policy names the cluster's OIDC provider/],
    ['container', /give the ECS task a role/],
  ])('%s, of which there is nothing', async (source, fix) => {
    const settings = toSettings(s3.current, { 'credentials.source': source });
    const { of } = await diagnoseHere({ settings, environment: {} });
    expect(of('credentials')).toMatchObject({ status: 'fail', fix: expect.stringMatching(fix) as string });
    expect(of('credentials').fix).toContain('docs/credentials.md');
  });

  test('those of a route of its own have a line of their own', async () => {
    const { results } = await diagnoseHere({
      settings: toSettings(s3.current),
      routes: '[{path: /a/, credentials: {session_name: a1}}, {path: /b/, credentials: {profile: nobody}}]',
    });
    const lines = results.filter(({ check }) => check === 'credentials');
    expect(lines.map(({ subject, status }) => [subject, status])).toEqual([
      ['auto', 'ok'],
      ['auto nobody', 'fail'],
      ['auto (2)', 'ok'],
    ]);
    const asked = results.filter(({ check }) => check === 'permissions');
    expect(asked.map(({ subject, status }) => [subject, status])).toEqual([
      ['/a/', 'ok'],
      ['/b/', 'skip'],
      ['/', 'ok'],
    ]);
  });

  test('a role that STS does not let us assume', async () => {
    const sts = await startFakeSts();
    onTestFinished(() => sts.close());
    sts.inject({ kind: 'error', code: 'AccessDenied' });
    const roleArn = 'arn:aws:iam::123456789012:role/reader';
    const { of } = await diagnoseHere({
      settings: toSettings(s3.current, { 'credentials.role_arn': roleArn }),
      environment: { ...FAKE_KEYS, AWS_ENDPOINT_URL_STS: sts.endpoint },
    });
    expect(of('credentials')).toMatchObject({
      status: 'fail',
      subject: `auto + ${roleArn} (eu-west-1)`,
      says: expect.stringContaining('STS does not let these credentials assume the role') as string,
      fix: expect.stringContaining('trust policy of the role') as string,
    });
  });
});

describe('the end of credentials:', () => {
  test('keys without one', async () => {
    const { of } = await diagnoseHere({ settings: toSettings(s3.current) });
    expect(of('expiry')).toMatchObject({ status: 'ok', says: 'they do not end' });
  });

  test('is near, and the source has no newer ones', async () => {
    const { of } = await diagnoseOn(await startInstance(2 * 60_000));
    expect(of('expiry')).toMatchObject({
      status: 'warn',
      says: expect.stringMatching(/^they end in 1\d\d s/) as string,
      fix: expect.stringContaining('keeps old credentials') as string,
    });
  });

  test('is over', async () => {
    const imds = await startInstance();
    imds.inject({ kind: 'expired', agoMs: 600_000 }, 'credentials');
    const { of } = await diagnoseOn(imds);
    expect(of('expiry')).toMatchObject({
      status: 'fail',
      says: expect.stringMatching(/^they ended 60\d s ago/) as string,
      fix: expect.stringContaining('keeps old credentials') as string,
    });
  });
});

describe('instance metadata:', () => {
  test('gives no answer to the token request: the hop limit', async () => {
    const imds = await startInstance();
    imds.inject({ kind: 'hang' }, 'token');
    const { of } = await diagnoseOn(imds);
    expect(of('imds')).toMatchObject({
      status: 'fail',
      says: 'the token request of IMDSv2 gets no answer (ETIMEDOUT)',
      fix: expect.stringContaining('--http-put-response-hop-limit 2') as string,
    });
    expect(of('credentials').says).toContain('hop limit must be 2');
  });

  test('is not there', async () => {
    const imds = await startInstance();
    await imds.close();
    const { of } = await diagnoseOn(imds);
    expect(of('imds')).toMatchObject({
      status: 'fail',
      says: 'nobody answers there (ECONNREFUSED)',
      fix: expect.stringContaining('name where its credentials come from in credentials.source') as string,
    });
  });

  test('is turned off', async () => {
    const imds = await startInstance();
    imds.inject({ kind: 'status', status: 403 });
    expect((await diagnoseOn(imds)).of('imds')).toMatchObject({
      status: 'fail',
      fix: expect.stringContaining('--http-endpoint enabled') as string,
    });
  });

  test('knows no role', async () => {
    const imds = await startInstance();
    imds.setRole(undefined);
    const { of } = await diagnoseOn(imds);
    expect(of('imds')).toMatchObject({
      status: 'fail',
      says: 'IMDSv2 answers, but the instance has no role',
      fix: expect.stringContaining('attach an instance profile') as string,
    });
  });

  test('is in trouble', async () => {
    const imds = await startInstance();
    imds.inject({ kind: 'status', status: 500 });
    expect((await diagnoseOn(imds)).of('imds')).toMatchObject({
      status: 'warn',
      fix: expect.stringContaining('wait a minute') as string,
    });
  });

  test('is answered by a proxy', async () => {
    const imds = await startInstance();
    imds.inject({ kind: 'status', status: 405 }, 'token');
    expect((await diagnoseOn(imds)).of('imds')).toMatchObject({
      status: 'fail',
      says: 'the token request of IMDSv2 is answered with 405',
      fix: expect.stringContaining('no proxy may stand between') as string,
    });
  });

  test('answers by version 1 too', async () => {
    const imds = await startInstance();
    imds.inject({ kind: 'status', status: 200 }, 'other');
    expect((await diagnoseOn(imds)).of('imds')).toMatchObject({
      status: 'warn',
      fix: expect.stringContaining('--http-tokens required') as string,
      facts: { imds_v1: true },
    });
  });

  test('needs no version 1, which the configuration allows', async () => {
    const { of } = await diagnoseOn(await startInstance(), { 'credentials.imds_v1': 'true' });
    expect(of('imds')).toMatchObject({ status: 'warn', fix: 'take credentials.imds_v1: true out' });
  });

  test('is not asked where credentials come from elsewhere', async () => {
    const { results } = await diagnoseHere({ settings: toSettings(s3.current) });
    expect(results.map(({ check }) => check)).not.toContain('imds');
  });
});

describe('the identity:', () => {
  const diagnoseWith = (endpoint: string) =>
    diagnoseHere({
      settings: toSettings(s3.current),
      environment: { ...FAKE_KEYS, AWS_ENDPOINT_URL_STS: endpoint },
    });

  test('is what STS says to a request that is signed as the daemon signs', async () => {
    const sts = await startIdentityService({ credentials: () => [FAKE_CREDENTIAL], region: 'eu-west-1' });
    expect((await diagnoseWith(sts.endpoint)).of('identity')).toMatchObject({
      status: 'ok',
      says: ARN,
      facts: { arn: ARN },
    });
  });

  test('keys that AWS does not know', async () => {
    const refusal = { status: 403, code: 'InvalidClientTokenId' };
    const sts = await startIdentityService({
      credentials: () => [FAKE_CREDENTIAL],
      region: 'eu-west-1',
      refusal,
    });
    expect((await diagnoseWith(sts.endpoint)).of('identity')).toMatchObject({
      status: 'fail',
      says: 'AWS does not know the key id',
      fix: expect.stringContaining('deleted or deactivated') as string,
    });
  });

  test('a secret that does not belong to the key id', async () => {
    const other = { ...FAKE_CREDENTIAL, secretAccessKey: 'another-secret-than-that' };
    const sts = await startIdentityService({ credentials: () => [other], region: 'eu-west-1' });
    expect((await diagnoseWith(sts.endpoint)).of('identity')).toMatchObject({
      status: 'fail',
      says: 'STS answers 403 SignatureDoesNotMatch for GetCallerIdentity',
      fix: expect.stringContaining('the secret does not belong to the key id') as string,
    });
  });

  test('STS out of reach is a warning: objects can be read without it', async () => {
    const { of } = await diagnoseWith('http://127.0.0.1:1');
    expect(of('identity')).toMatchObject({
      status: 'warn',
      says: 'STS cannot be asked at http://127.0.0.1:1 (s3_unreachable)',
      fix: expect.stringContaining('an interface endpoint for STS') as string,
    });
    expect(of('permissions').status).toBe('ok');
  });

  test('is not asked for where the server is not AWS', async () => {
    const { of } = await diagnoseHere({ settings: toSettings(s3.current) });
    expect(of('identity')).toMatchObject({
      status: 'skip',
      says: expect.stringContaining('AWS_ENDPOINT_URL_STS can name an STS') as string,
    });
  });
});

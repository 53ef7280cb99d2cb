import { fromInstanceMetadata } from '@aws-sdk/credential-providers';
import fc from 'fast-check';
import { request } from 'undici';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createImdsResponder, startDemoImds, type ImdsAnswer } from '../../src/demo/demo-imds.ts';
import { createRotatingCredentials, issueCredentials } from '../../src/demo/rotating-credentials.ts';
import { stubAwsEnvironment } from './aws-environment.ts';

const LIST = '/latest/meta-data/iam/security-credentials/';
const TTL = 'x-aws-ec2-metadata-token-ttl-seconds';
const TOKEN = 'x-aws-ec2-metadata-token';

function createInstance(clock = { nowMs: 0 }) {
  const issued = issueCredentials('seed', 0, 3_600_000);
  const metadata = {
    roleName: 'app',
    credentials: () => issued,
    region: 'eu-west-1',
    now: () => clock.nowMs,
  };
  const respond = createImdsResponder(metadata);
  const get = (url: string, headers = {}): ImdsAnswer => respond({ method: 'GET', url, headers });
  const put = (headers = {}): ImdsAnswer => respond({ method: 'PUT', url: '/latest/api/token', headers });
  return { respond, get, put, issued };
}

describe('the token', () => {
  test.each(['1', '60', '21600'])('is issued for %s seconds, which the answer repeats', (ttl) => {
    expect(createInstance().put({ [TTL]: ttl })).toMatchObject({ status: 200, headers: { [TTL]: ttl } });
  });

  test.each(['0', '21601', '-1', '1.5', '', 'abc', ' 60', '0x10'])(
    'is refused with 400 for %j seconds',
    (ttl) => {
      expect(createInstance().put({ [TTL]: ttl }).status).toBe(400);
    },
  );

  test('is refused with 400 without a lifetime and with 403 to a forwarded request', () => {
    const { put } = createInstance();
    expect(put().status).toBe(400);
    expect(put({ [TTL]: '60', 'x-forwarded-for': '203.0.113.7' }).status).toBe(403);
  });

  test('opens every path until its last millisecond, and none after', () => {
    const clock = { nowMs: 0 };
    const { get, put } = createInstance(clock);
    const headers = { [TOKEN]: put({ [TTL]: '10' }).body };
    clock.nowMs = 9_999;
    expect(get(LIST, headers)).toMatchObject({ status: 200, body: 'app' });
    clock.nowMs = 10_000;
    expect(get(LIST, headers).status).toBe(401);
    expect(get('/latest/meta-data/placement/region', headers).status).toBe(401);
  });

  test.each([{}, { [TOKEN]: '' }, { [TOKEN]: 'guessed' }])(
    'is required: %j is refused with 401',
    (headers) => {
      const { get } = createInstance();
      for (const path of [LIST, `${LIST}app`, '/latest/meta-data/placement/region', '/nowhere']) {
        expect(get(path, headers).status).toBe(401);
      }
    },
  );
});

test('the instance tells its region, its role and the credentials of that role only', () => {
  const { get, put, respond, issued } = createInstance();
  const headers = { [TOKEN]: put({ [TTL]: '60' }).body };
  expect(get('/latest/meta-data/placement/region', headers)).toMatchObject({
    status: 200,
    body: 'eu-west-1',
  });
  expect(get(LIST, headers).body).toBe('app');
  expect(JSON.parse(get(`${LIST}app`, headers).body)).toEqual({
    Code: 'Success',
    LastUpdated: '1970-01-01T00:00:00Z',
    Type: 'AWS-HMAC',
    AccessKeyId: issued.accessKeyId,
    SecretAccessKey: issued.secretAccessKey,
    Token: issued.sessionToken,
    Expiration: '1970-01-01T01:00:00Z',
  });
  expect(get(`${LIST}other`, headers).status).toBe(404);
  expect(get('/latest/meta-data/', headers).status).toBe(404);
  expect(respond({ method: 'POST', url: LIST, headers }).status).toBe(405);
});

test('the AWS SDK gets its credentials from the demo instance, version 2 only', async () => {
  const rotating = createRotatingCredentials({ lifetimeMs: 3_600_000, now: Date.now });
  const imds = await startDemoImds({
    roleName: 'demo',
    credentials: () => rotating.current(),
    region: 'eu-west-1',
  });
  onTestFinished(() => imds.close());
  stubAwsEnvironment({ AWS_EC2_METADATA_SERVICE_ENDPOINT: imds.endpoint });
  const { accessKeyId, secretAccessKey, sessionToken } = rotating.current();
  const fetched = await fromInstanceMetadata({ ec2MetadataV1Disabled: true })();
  expect(fetched).toMatchObject({ accessKeyId, secretAccessKey, sessionToken });
  const { statusCode, body } = await request(imds.endpoint + LIST);
  await body.dump();
  expect(statusCode).toBe(401);
});

describe('rotating credentials', () => {
  test('change their key id five minutes before the old ones expire', () => {
    let nowMs = 1_000;
    const source = createRotatingCredentials({ lifetimeMs: 3_600_000, now: () => nowMs });
    const first = source.current();
    expect(source.previous()).toBeUndefined();
    nowMs += 55 * 60_000 - 1;
    expect(source.current()).toEqual(first);
    nowMs += 1;
    expect(source.current().accessKeyId).not.toBe(first.accessKeyId);
    expect(source.previous()).toEqual(first);
    expect(first.expiresAtMs - nowMs).toBe(5 * 60_000);
  });

  test('always have more life left than the overlap, whatever the schedule', () => {
    const schedule = fc.record({
      lifetimeMs: fc.integer({ min: 2, max: 1e8 }),
      share: fc.double({ min: 0, max: 0.99, noNaN: true }),
      atMs: fc.nat(1e9),
    });
    fc.assert(
      fc.property(schedule, ({ lifetimeMs, share, atMs }) => {
        let nowMs = 5;
        const overlapMs = Math.floor(lifetimeMs * share);
        const source = createRotatingCredentials({ lifetimeMs, overlapMs, now: () => nowMs });
        nowMs += atMs;
        const { issuedAtMs, expiresAtMs } = source.current();
        expect(issuedAtMs).toBeLessThanOrEqual(nowMs);
        expect(expiresAtMs - nowMs).toBeGreaterThan(overlapMs);
      }),
    );
  });

  test('have the shape of real ones', () => {
    const { accessKeyId, secretAccessKey, sessionToken } = issueCredentials('seed', 0, 1);
    expect(accessKeyId).toMatch(/^ASIA[A-Z2-7]{16}$/);
    expect(secretAccessKey).toMatch(/^[A-Za-z0-9+/]{40}$/);
    expect(sessionToken).toMatch(/^[A-Za-z0-9+/]{900}$/);
  });

  test.each([{ lifetimeMs: 10, overlapMs: 10 }, { lifetimeMs: 10, overlapMs: -1 }, { lifetimeMs: 0 }])(
    'refuse %j',
    (schedule) => {
      expect(() => createRotatingCredentials({ ...schedule, now: Date.now })).toThrow(RangeError);
    },
  );
});

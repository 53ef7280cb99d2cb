import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FakeS3, startFakeS3 } from '../servers/fake-s3.ts';
import type { Fault } from '../servers/fake-s3-faults.ts';
import type { SeenRequest } from '../servers/fake-s3-seen.ts';
import { toProxyOptions } from '../support/open-scene.ts';
import { type Answer, type Ask, sendRequest } from '../support/send-request.ts';
import { RESILIENT, startProxy, type TestProxy } from '../support/start-proxy.ts';

/** Where the bucket is; the configuration says us-east-1. */
const REGION = 'eu-west-1';

let s3: FakeS3;
let proxy: TestProxy;

/** @param requireSignature - false lets a fault befall a request that was signed for the wrong region */
async function start({ requireSignature = true, settings = {} } = {}): Promise<void> {
  s3 = await startFakeS3({ region: REGION, requireSignature });
  s3.put('a', 'object');
  proxy = await startProxy(
    toProxyOptions(s3, { settings: { ...RESILIENT, 's3.region': 'us-east-1', ...settings } }),
  );
}

afterEach(async () => {
  await proxy.close();
  await s3.close();
});

function ask(target = '/a', options: Ask = {}): Promise<Answer> {
  return sendRequest(proxy.port, target, options);
}

/** The region that a request was signed for. */
function scopeOf({ header }: SeenRequest): string | undefined {
  return /\/([^/]+)\/s3\/aws4_request/.exec(header('authorization') ?? '')?.[1];
}

function scopes(): (string | undefined)[] {
  return s3.seen.map(scopeOf);
}

const LEARNED = expect.objectContaining({
  level: 'error',
  bucket: 'media',
  configured_region: 'us-east-1',
  bucket_region: REGION,
}) as object;

describe('400 AuthorizationHeaderMalformed', () => {
  beforeEach(() => start());

  test.each(['GET', 'HEAD'])('leads to the right region, once (%s).', async (method) => {
    expect(await ask('/a', { method })).toMatchObject({ status: 200 });
    expect(scopes()).toEqual(['us-east-1', REGION]);
    expect(await proxy.nextReport()).toMatchObject({ attempts: 2, causes: ['region'], failure: undefined });
    expect(await ask('/a', { method })).toMatchObject({ status: 200 });
    expect(scopes()).toEqual(['us-east-1', REGION, REGION]);
    expect(await proxy.nextReport()).toMatchObject({ attempts: 1, causes: [] });
    expect(proxy.logLines).toEqual([LEARNED]);
  });

  test('is learned once by many first requests together, and all are served.', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask()));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(proxy.logLines).toEqual([LEARNED]);
    expect(s3.seen.length).toBeLessThanOrEqual(40);
    expect(s3.seen.filter((seen) => scopeOf(seen) === REGION)).toHaveLength(20);
  });

  test('does not keep a range or a condition from being asked again.', async () => {
    const headers = { Range: 'bytes=1-3', 'If-None-Match': '"another"' };
    expect(await ask('/a', { headers })).toMatchObject({ status: 206, text: 'bje' });
    const sent = s3.seen.map(({ header }) => [header('range'), header('if-none-match')]);
    expect(sent).toEqual([
      ['bytes=1-3', '"another"'],
      ['bytes=1-3', '"another"'],
    ]);
  });
});

describe('A redirect', () => {
  beforeEach(() => start({ requireSignature: false }));

  const LOCATIONS = [
    `https://media.s3.${REGION}.amazonaws.com/a`,
    `https://media.s3-${REGION}.amazonaws.com/a`,
    `https://s3.${REGION}.amazonaws.com/media/a`,
    `https://media.s3.dualstack.${REGION}.amazonaws.com/a`,
    `https://media.s3-fips.${REGION}.amazonaws.com:443/a`,
  ];
  const REDIRECTS: readonly (readonly [string, Fault])[] = [
    ['301 with x-amz-bucket-region', { kind: 'redirect', status: 301, region: REGION }],
    ['307 with x-amz-bucket-region', { kind: 'redirect', status: 307, region: REGION }],
    [
      '301 with <Region>',
      { kind: 'status', status: 301, code: 'PermanentRedirect', details: { Region: REGION } },
    ],
    ...LOCATIONS.map(
      (location) => [`307 to ${location}`, { kind: 'redirect', status: 307, location }] as const,
    ),
  ];

  test.each(REDIRECTS)('is learned from and never passed on: %s', async (_, fault) => {
    s3.inject(fault);
    const answer = await ask();
    expect(answer).toMatchObject({ status: 200, text: 'object' });
    expect(await ask()).toMatchObject({ status: 200 });
    expect(scopes()).toEqual(['us-east-1', REGION, REGION]);
    expect(proxy.logLines).toEqual([LEARNED]);
  });

  test.each(
    [
      ...['x.attacker.example', 'eu-west-1.attacker.example/', 'EU-WEST-1', 'eu west', '', 'eu-west-1\t'],
      ...['../eu-west-1', 'eu-west-1@attacker.example', 'eu-west-1:80', 'a'.repeat(65)],
    ].map((region) => ({ region })),
  )('to a region that is none is 502: $region', async ({ region }) => {
    s3.inject({ kind: 'redirect', status: 301, region }, { times: Infinity });
    const answer = await ask();
    expect([answer.status, answer.headers.location]).toEqual([502, undefined]);
    expect(answer.text).not.toContain('attacker');
    expect(await proxy.nextReport()).toMatchObject({ failure: 's3_redirect', attempts: 1 });
    expect(scopes()).toEqual(['us-east-1']);
    expect(proxy.logLines).toEqual([]);
  });

  test.each([
    'https://attacker.example/a',
    'https://media.s3.eu-west-1.amazonaws.com.attacker.example/',
    'https://attacker.example/media.s3.eu-west-1.amazonaws.com/',
    'https://media.s3-accelerate.amazonaws.com/a',
    'https://media.s3.amazonaws.com/a',
    'http:media.s3.eu-west-1.amazonaws.com',
  ])('to a place that is no region of S3 is 502: %s', async (location) => {
    s3.inject({ kind: 'redirect', status: 307, location }, { times: Infinity });
    const answer = await ask();
    expect([answer.status, answer.headers.location]).toEqual([502, undefined]);
    expect(await proxy.nextReport()).toMatchObject({ failure: 's3_redirect', attempts: 1 });
  });

  test('that leads in a circle is followed once a request.', async () => {
    s3.inject({ kind: 'redirect', status: 301, region: 'eu-west-3' });
    s3.inject({ kind: 'redirect', status: 301, region: 'us-east-1' });
    expect(await ask()).toMatchObject({ status: 502 });
    expect(await proxy.nextReport()).toMatchObject({ attempts: 2, failure: 's3_redirect' });
    expect(proxy.logLines).toHaveLength(1);
    expect(await ask()).toMatchObject({ status: 200 });
    expect(scopes()).toEqual(['us-east-1', 'eu-west-3', 'eu-west-3']);
  });
});

describe('Where s3.learn_region is false', () => {
  beforeEach(() => start({ requireSignature: false, settings: { 's3.learn_region': 'false' } }));

  test('a redirect is 502, and the log says what to correct.', async () => {
    s3.inject({ kind: 'redirect', status: 301, region: REGION });
    const answer = await ask();
    expect([answer.status, answer.headers.location]).toEqual([502, undefined]);
    expect(await proxy.nextReport()).toMatchObject({ failure: 's3_redirect', attempts: 1 });
    expect(proxy.logLines).toEqual([LEARNED]);
    expect(JSON.stringify(proxy.logLines)).toContain('correct s3.region');
  });

  test('400 is passed on.', async () => {
    s3.inject({
      kind: 'status',
      status: 400,
      code: 'AuthorizationHeaderMalformed',
      details: { Region: REGION },
    });
    const answer = await ask();
    expect([answer.status, /<Code>(.*)<\/Code>/.exec(answer.text)?.[1]]).toEqual([
      400,
      'AuthorizationHeaderMalformed',
    ]);
    expect(answer.text).not.toContain(REGION);
    expect(await proxy.nextReport()).toMatchObject({ status: 400, attempts: 1, failure: undefined });
  });
});

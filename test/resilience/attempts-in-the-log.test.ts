import { expect, onTestFinished, test } from 'vitest';
import { FAKE_CREDENTIAL, type FakeS3, startFakeS3 } from '../servers/fake-s3.ts';
import type { Fault } from '../servers/fake-s3-faults.ts';
import { toProxyOptions } from '../support/open-scene.ts';
import { sendRequest } from '../support/send-request.ts';
import { type ProxyOptions, RESILIENT, startProxy } from '../support/start-proxy.ts';
import { waitUntil } from '../support/with-deadline.ts';
import { S3_CLIENT } from '../support/s3-client.ts';

interface Situation {
  /** Befall the first requests, one each. */
  readonly faults?: readonly Fault[];
  /** What else is wrong. */
  readonly stage?: (s3: FakeS3) => Partial<ProxyOptions>;
  readonly settings?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Requests before it. */
  readonly warmUps?: number;
  /** Of the log line. */
  readonly causes?: readonly string[];
  readonly hedges?: number;
  readonly hedges_won?: number;
  readonly resumes?: number;
}

const OTHER_KEYS = { ...FAKE_CREDENTIAL, accessKeyId: 'ASIAOTHEREXAMPLE' };

/** S3 knows other keys from now on, which the source has too. */
function changeKeys(s3: FakeS3): Partial<ProxyOptions> {
  s3.credentials.splice(0, Infinity, OTHER_KEYS);
  let current = FAKE_CREDENTIAL;
  const replace = (): typeof current => (current = OTHER_KEYS);
  return {
    credentialSource: {
      current: () => current,
      waitForFirst: () => Promise.resolve(current),
      replaceRefused: () => Promise.resolve(replace()),
      mayBeExpired: () => false,
    },
  };
}

function setClock(s3: FakeS3): Partial<ProxyOptions> {
  s3.clock.offsetMs = 3_600_000;
  return {};
}

const internalError: Fault = { kind: 'status', status: 500, code: 'InternalError' };
const slowDown: Fault = { kind: 'status', status: 503, code: 'SlowDown' };
const hedging = { 'hedge.enabled': 'true', 'hedge.delay': '100ms' };

const SITUATIONS: readonly (readonly [string, Situation])[] = [
  ['nothing', {}],
  ['an error', { faults: [internalError], causes: ['500 InternalError'] }],
  ['throttling', { faults: [slowDown], causes: ['503 SlowDown'] }],
  ['a reset', { faults: [{ kind: 'reset', at: 'before-head' }], causes: ['s3_reset'] }],
  [
    'silence',
    {
      faults: [{ kind: 'stall', at: 'before-head' }],
      settings: { 'timeouts.first_byte': '300ms' },
      causes: ['s3_first_byte_timeout'],
    },
  ],
  [
    'a late head, overtaken by a hedge',
    {
      faults: [{ kind: 'stall', at: 'before-head' }],
      settings: hedging,
      causes: ['hedge'],
      hedges: 1,
      hedges_won: 1,
    },
  ],
  [
    'a late head that comes before that of the hedge',
    {
      faults: [
        { kind: 'stall', at: 'before-head', forMs: 400 },
        { kind: 'stall', at: 'before-head' },
      ],
      settings: hedging,
      causes: ['hedge'],
      hedges: 1,
    },
  ],
  ['a broken body', { faults: [{ kind: 'reset', at: 40_000 }], causes: ['body_cut'], resumes: 1 }],
  [
    'a body that stops',
    {
      faults: [{ kind: 'stall', at: 40_000 }],
      settings: { 'timeouts.body_stall': '300ms' },
      causes: ['body_stall'],
      resumes: 1,
    },
  ],
  [
    'trouble after trouble',
    {
      faults: [slowDown, { kind: 'finish', at: 40_000 }, internalError, { kind: 'reset', at: 10_000 }],
      causes: ['503 SlowDown', 'body_cut', '500 InternalError', 'body_cut'],
      resumes: 2,
    },
  ],
  ['another region', { settings: { 's3.region': 'us-east-1' }, causes: ['region'] }],
  ['a wrong clock', { stage: setClock, causes: ['clock'] }],
  ['keys that have ended', { stage: changeKeys, causes: ['new_credentials'] }],
  [
    'a validator that does not hold',
    { headers: { 'If-Range': '"another"', Range: 'bytes=0-9' }, causes: ['if_range'] },
  ],
  [
    'a kept connection that S3 was closing',
    {
      warmUps: 1,
      faults: [{ kind: 'finish', at: 'before-head' }],
      // undici does not say that the connection was a kept one.
      causes: [S3_CLIENT === 'wire' ? 'closed_connection' : 's3_reset'],
    },
  ],
];

test.each(SITUATIONS)('Each request to S3 is in the log line, with its cause: %s', async (_, situation) => {
  const { faults = [], stage, settings, headers = {}, warmUps = 0, causes, ...counts } = situation;
  const s3 = await startFakeS3();
  const staged = stage?.(s3) ?? {};
  const proxy = await startProxy(
    toProxyOptions(s3, {
      ...{ ...staged, accessLog: true },
      settings: { ...RESILIENT, 'hedge.enabled': 'false', ...settings },
    }),
  );
  onTestFinished(async () => {
    await proxy.close();
    await s3.close();
  });
  s3.put('clip', { size: 100_000 });
  for (let warmUp = 0; warmUp < warmUps; warmUp += 1) await sendRequest(proxy.port, '/clip');
  const before = s3.seen.length;
  for (const fault of faults) s3.inject(fault);
  const { status, isComplete } = await sendRequest(proxy.port, '/clip', { headers });
  const lines = (): Record<string, unknown>[] => proxy.logLines.filter(({ msg }) => msg === 'request');
  await waitUntil(() => lines().length === 1 + warmUps, 'the log line');
  const line = lines().at(-1)!;
  expect([status, isComplete]).toEqual([200, true]);
  const { retried_for, attempts, hedges, hedges_won, resumes, failure } = line;
  const account = { attempts, retried_for, hedges, hedges_won, resumes, failure };
  const expected = { hedges: undefined, hedges_won: undefined, resumes: undefined, failure: undefined };
  expect(account).toEqual({ ...expected, attempts: s3.seen.length - before, retried_for: causes, ...counts });
  expect(attempts).toBe(1 + (causes ?? []).length);
});

import { expect, test } from 'vitest';
import { CHECK_NAMES } from '../../src/admin/health-checks.ts';
import type { CredentialStatus } from '../../src/credentials/credential-manager.ts';
import type { MetricsFeed } from './metrics-feed.ts';
import { type AdminScene, useAdmin } from './open-admin.ts';

const scene = useAdmin();

interface HealthAnswer {
  readonly status: string;
  readonly checks: readonly { readonly name: string; readonly status: string; readonly text: string }[];
}

async function askReadiness({ ask }: AdminScene): Promise<[httpStatus: number, health: HealthAnswer]> {
  const { status, text } = await ask('/readyz');
  return [status, JSON.parse(text) as HealthAnswer];
}

test('All is ready: 200, every check passes.', async () => {
  const [status, health] = await askReadiness(scene);
  expect(status).toBe(200);
  expect(health.status).toBe('pass');
  expect(health.checks.map((check) => [check.name, check.status])).toEqual(
    CHECK_NAMES.map((name) => [name, 'pass']),
  );
});

const WITHOUT_KEYS: Partial<CredentialStatus> = {
  keyId: undefined,
  expiresAtMs: undefined,
  isDegraded: true,
  lastError: 'no answer from 169.254.169.254',
};

test.each<[what: string, check: string, change: (feed: MetricsFeed) => void]>([
  ['it does not listen', 'listening', (feed) => (feed.isListening = false)],
  ['it drains', 'draining', (feed) => (feed.isDraining = true)],
  ['no process serves', 'processes', (feed) => (feed.workers = [])],
  [
    'no source has credentials',
    'credentials',
    (feed) => (feed.credentials = [feed.createCredentials(WITHOUT_KEYS)]),
  ],
])('Where %s it is not ready: 503, and the check that fails is %s.', async (_what, check, change) => {
  change(scene.feed);
  const [status, health] = await askReadiness(scene);
  expect(status).toBe(503);
  expect(health.status).toBe('fail');
  expect(health.checks.filter((one) => one.status === 'fail').map(({ name }) => name)).toEqual([check]);
});

test.each<[what: string, check: string, change: (feed: MetricsFeed) => void, text: string]>([
  [
    'credentials are past their expiry',
    'expiry',
    (feed) =>
      (feed.credentials = [feed.createCredentials({ isDegraded: true, expiresAtMs: feed.nowMs - 1 })]),
    'past their expiry',
  ],
  [
    'one of two sources has none',
    'credentials',
    (feed) => (feed.credentials = [feed.createCredentials(), feed.createCredentials(WITHOUT_KEYS)]),
    'no answer from 169.254.169.254',
  ],
  ['the clock is wrong', 'clock', (feed) => (feed.clockOffsetMs = 12 * 60_000), '12 min behind'],
  ['the signers disagree', 'signer', (feed) => feed.noteSignerMismatch(), 'the reference signer'],
])('Where %s it is ready and degraded: 200 with a warning of %s.', async (_what, check, change, text) => {
  change(scene.feed);
  const [status, health] = await askReadiness(scene);
  expect(status).toBe(200);
  expect(health.status).toBe('warn');
  const warnings = health.checks.filter((one) => one.status === 'warn');
  expect(warnings.map(({ name }) => name)).toEqual([check]);
  expect(warnings[0]?.text).toContain(text);
});

test('It is alive in every state.', async () => {
  scene.feed.isListening = false;
  scene.feed.workers = [];
  expect(await scene.ask('/livez')).toMatchObject({ status: 200, text: '{"status":"pass"}\n' });
});

test('It has started once it listens and has asked for credentials, and then for good.', async () => {
  scene.feed.isListening = false;
  expect(await scene.ask('/startupz')).toMatchObject({ status: 503, text: '{"status":"fail"}\n' });
  scene.feed.isListening = true;
  const asked = scene.feed.credentials;
  scene.feed.credentials = [scene.feed.createCredentials({ ...WITHOUT_KEYS, refreshes: 0, failures: 0 })];
  expect(await scene.ask('/startupz')).toMatchObject({ status: 503 });
  scene.feed.credentials = asked;
  expect(await scene.ask('/startupz')).toMatchObject({ status: 200, text: '{"status":"pass"}\n' });
  scene.feed.isListening = false;
  expect(await scene.ask('/startupz')).toMatchObject({ status: 200 });
});

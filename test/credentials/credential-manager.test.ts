import { expect, test } from 'vitest';
import { CredentialManager, type CredentialStatus } from '../../src/credentials/credential-manager.ts';
import type { CredentialProvider, IssuedCredentials } from '../../src/credentials/issued-credentials.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';
import { FakeProvider } from '../support/fake-provider.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

function create(provider: CredentialProvider, clock: FakeClock) {
  const refreshed: CredentialStatus[] = [];
  const failed: CredentialStatus[] = [];
  const manager = new CredentialManager({
    provider,
    clock,
    firstWaitMs: 5000,
    events: { onRefreshed: (status) => refreshed.push(status), onFailed: (status) => failed.push(status) },
  });
  return { manager, refreshed, failed };
}

/** Reads the snapshot as requests would, and asks whether AWS would accept it. */
async function loadFor(
  durationMs: number,
  everyMs: number,
  check: () => void,
  clock: FakeClock,
): Promise<void> {
  for (let passedMs = 0; passedMs < durationMs; passedMs += everyMs) {
    await clock.advance(everyMs);
    check();
  }
}

test('a day of hourly rotations: no request is refused, and the source is asked at most 30 times', async () => {
  const clock = new FakeClock();
  // New keys each hour, as on an instance: every one lives for 75 minutes.
  const provider = new FakeProvider(clock, {
    lifetimeMs: HOUR_MS + 15 * MINUTE_MS,
    overlapMs: 15 * MINUTE_MS,
  });
  const { manager, failed } = create(provider, clock);
  await manager.start();
  const seen = new Set<string>();
  await loadFor(
    24 * HOUR_MS,
    MINUTE_MS,
    () => {
      const keyId = manager.current()?.accessKeyId;
      seen.add(keyId ?? '');
      expect(provider.isAccepted(keyId)).toBe(true);
    },
    clock,
  );
  expect(seen.size).toBeGreaterThanOrEqual(23);
  expect(provider.fetches).toBeLessThanOrEqual(30);
  expect(failed).toEqual([]);
  manager.stop();
});

test('the source is down for six hours across an expiry: the old credentials go on being used, loudly', async () => {
  const clock = new FakeClock();
  const provider = new FakeProvider(clock, { lifetimeMs: 6 * HOUR_MS, overlapMs: 5 * HOUR_MS });
  const { manager, failed, refreshed } = create(provider, clock);
  await manager.start();
  const first = manager.current();
  await clock.advance(4 * HOUR_MS);
  provider.fault = 'fail';
  await loadFor(6 * HOUR_MS, MINUTE_MS, () => expect(manager.current()).toBe(first), clock);
  expect(manager.status()).toMatchObject({ isDegraded: true, lastError: 'the source is down' });
  expect(failed.some((status) => !status.isDegraded)).toBe(true);
  expect(failed.at(-1)).toMatchObject({ isDegraded: true });
  // Backed off to about a minute, not as fast as the source answers.
  expect(failed.length).toBeLessThan(6 * 60 * 2 + 10);
  provider.fault = undefined;
  await clock.advance(2 * MINUTE_MS);
  expect(manager.current()).not.toBe(first);
  expect(manager.status()).toMatchObject({ isDegraded: false, lastError: undefined });
  expect(refreshed.length).toBe(2);
  manager.stop();
});

test('a thousand first requests at once cause one fetch, and all get its credentials', async () => {
  const clock = new FakeClock();
  const provider = new FakeProvider(clock, { lifetimeMs: HOUR_MS });
  const { manager } = create(provider, clock);
  const started = manager.start();
  const all = await Promise.all(Array.from({ length: 1000 }, () => manager.waitForFirst()));
  await started;
  expect(provider.fetches).toBe(1);
  expect(new Set(all).size).toBe(1);
  expect(all[0]).toBe(manager.current());
  manager.stop();
});

test('the wait for the first credentials is bounded, counted from the start and over as soon as they come', async () => {
  const clock = new FakeClock();
  const provider = new FakeProvider(clock, { lifetimeMs: HOUR_MS });
  provider.fault = 'fail';
  const { manager } = create(provider, clock);
  await manager.start();
  let early: unknown = 'still waiting';
  void manager.waitForFirst().then((credentials) => (early = credentials));
  await clock.advance(4999);
  expect(early).toBe('still waiting');
  await clock.advance(2);
  expect(early).toBeUndefined();
  // Down for longer than that: at once.
  expect(await manager.waitForFirst()).toBeUndefined();
  provider.fault = undefined;
  await clock.advance(MINUTE_MS);
  expect(await manager.waitForFirst()).toBe(manager.current());
  expect(manager.current()).toBeDefined();
  manager.stop();
});

test('credentials of 15 minutes work', async () => {
  const clock = new FakeClock();
  const provider = new FakeProvider(clock, { lifetimeMs: 15 * MINUTE_MS });
  const { manager } = create(provider, clock);
  await manager.start();
  await loadFor(
    6 * HOUR_MS,
    10_000,
    () => expect(provider.isAccepted(manager.current()?.accessKeyId)).toBe(true),
    clock,
  );
  expect(provider.fetches).toBeLessThan(36 * 8);
  manager.stop();
});

test.each([2, -2])('a jump of the wall clock by %i hours is survived', async (hours) => {
  const clock = new FakeClock();
  const provider = new FakeProvider(clock, {
    lifetimeMs: HOUR_MS + 15 * MINUTE_MS,
    overlapMs: 15 * MINUTE_MS,
  });
  const { manager } = create(provider, clock);
  const check = (): void => expect(provider.isAccepted(manager.current()?.accessKeyId)).toBe(true);
  await manager.start();
  await clock.advance(20 * MINUTE_MS);
  clock.jumpMs(hours * HOUR_MS);
  const before = provider.fetches;
  await loadFor(MINUTE_MS, 10_000, check, clock);
  // S3 refuses the first signature for its time, and the signing clock learns; test/proxy/clock-skew.test.ts shows that.
  clock.learnMs(-hours * HOUR_MS);
  await loadFor(12 * HOUR_MS, 30_000, check, clock);
  expect(provider.fetches - before).toBeLessThan(20);
  manager.stop();
});

test('a clock that is two hours fast for good, with nobody to put it right, only costs a fetch a minute', async () => {
  const clock = new FakeClock();
  const provider = new FakeProvider(clock, {
    lifetimeMs: HOUR_MS + 15 * MINUTE_MS,
    overlapMs: 15 * MINUTE_MS,
  });
  const { manager } = create(provider, clock);
  await manager.start();
  clock.jumpMs(2 * HOUR_MS);
  await loadFor(
    5 * HOUR_MS,
    30_000,
    () => expect(provider.isAccepted(manager.current()?.accessKeyId)).toBe(true),
    clock,
  );
  expect(provider.fetches).toBeLessThan(5 * 60 * 1.5);
  manager.stop();
});

test('a machine that slept past the expiry refreshes within half a minute of waking', async () => {
  const clock = new FakeClock();
  const provider = new FakeProvider(clock, { lifetimeMs: HOUR_MS });
  const { manager } = create(provider, clock);
  await manager.start();
  // Asleep the timers and the monotonic clock stand still, the wall clock does not.
  clock.jumpMs(8 * HOUR_MS);
  await clock.advance(31_000);
  expect(provider.fetches).toBeGreaterThanOrEqual(2);
  manager.stop();
});

test('refused keys cause one forced fetch, shared by all who were refused, and at most one in five seconds', async () => {
  const clock = new FakeClock();
  const provider = new FakeProvider(clock, { lifetimeMs: 10 * MINUTE_MS, overlapMs: 9 * MINUTE_MS });
  const { manager } = create(provider, clock);
  await manager.start();
  const refused = manager.current();
  if (refused === undefined) throw new Error('no credentials');
  await clock.advance(61_000);
  const fetches = provider.fetches;
  const replaced = await Promise.all(Array.from({ length: 100 }, () => manager.replaceRefused(refused)));
  expect(provider.fetches).toBe(fetches + 1);
  expect(new Set(replaced)).toEqual(new Set([manager.current()]));
  expect(replaced[0]).not.toBe(refused);
  // Those who come late with the old keys get the new ones without a fetch.
  expect(await manager.replaceRefused(refused)).toBe(manager.current());
  expect(provider.fetches).toBe(fetches + 1);
  // The new ones refused too, at once: nothing better, and no storm.
  const current = manager.current();
  if (current === undefined) throw new Error('no credentials');
  expect(await manager.replaceRefused(current)).toBe(current);
  expect(provider.fetches).toBe(fetches + 1);
  await clock.advance(5001);
  await manager.replaceRefused(current);
  expect(provider.fetches).toBe(fetches + 2);
  manager.stop();
});

test('a failed forced refresh leaves the credentials in place', async () => {
  const clock = new FakeClock();
  const provider = new FakeProvider(clock, { lifetimeMs: HOUR_MS });
  const { manager } = create(provider, clock);
  await manager.start();
  const held = manager.current();
  provider.fault = 'fail';
  await manager.refreshForced();
  expect(manager.current()).toBe(held);
  expect(manager.status()).toMatchObject({ isDegraded: false, failures: 1 });
  manager.stop();
});

test('keys without an expiry are fetched once and set no timer', async () => {
  const clock = new FakeClock();
  let fetches = 0;
  const issued: IssuedCredentials = {
    accessKeyId: 'AKIDEXAMPLE',
    secretAccessKey: 'secret',
    expiresAtMs: undefined,
  };
  const provider: CredentialProvider = {
    source: 'environment variables',
    watchedFiles: [],
    fetch: () => {
      fetches += 1;
      return Promise.resolve({ ...issued });
    },
  };
  const { manager } = create(provider, clock);
  await manager.start();
  await settle();
  expect(clock.timerCount).toBe(0);
  const held = manager.current();
  await manager.refresh();
  expect(fetches).toBe(2);
  expect(manager.current()).toBe(held);
  expect(manager.status()).toMatchObject({ keyId: '…MPLE', isDegraded: false, expiresAtMs: undefined });
});

test('stopped, it asks no more', async () => {
  const clock = new FakeClock();
  const provider = new FakeProvider(clock, { lifetimeMs: HOUR_MS });
  const { manager } = create(provider, clock);
  await manager.start();
  manager.stop();
  await clock.advance(24 * HOUR_MS);
  expect(provider.fetches).toBe(1);
  expect(clock.timerCount).toBe(0);
});

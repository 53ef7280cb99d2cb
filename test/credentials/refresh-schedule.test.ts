import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  delayAfterFailureMs,
  delayAfterNewMs,
  delayAfterSameMs,
  isNearExpiry,
} from '../../src/credentials/refresh-schedule.ts';

const MINUTE_MS = 60_000;
const chance = fc.double({ min: 0, max: 1, noNaN: true });
const lifeMs = fc.integer({ min: 1, max: 12 * 60 * MINUTE_MS });
const now = fc.integer({ min: 0, max: 4e12 });

test('new credentials are refreshed before two thirds of their life are over, and 10 to 15 minutes ahead of a long one', () => {
  fc.assert(
    fc.property(now, lifeMs, chance, (nowMs, life, luck) => {
      const delay = delayAfterNewMs(nowMs, nowMs + life, luck);
      expect(delay).toBeGreaterThanOrEqual(1000);
      if (life >= 3000)
        expect(delay).toBeLessThanOrEqual(
          Math.max(1000, (life * 2) / 3) + (life > 30 * MINUTE_MS ? life / 3 : 1e-6),
        );
      if (life >= 45 * MINUTE_MS) {
        expect(life - delay).toBeGreaterThanOrEqual(10 * MINUTE_MS);
        expect(life - delay).toBeLessThanOrEqual(15 * MINUTE_MS);
      }
    }),
  );
});

test('a refresh never comes later than the expiry less a margin of a fifth of the life', () => {
  fc.assert(
    fc.property(now, fc.integer({ min: 2000, max: 12 * 60 * MINUTE_MS }), chance, (nowMs, life, luck) => {
      const margin = Math.min(10 * MINUTE_MS, life / 5);
      expect(delayAfterNewMs(nowMs, nowMs + life, luck)).toBeLessThanOrEqual(life - margin);
      expect(delayAfterSameMs(nowMs, nowMs + life, luck)).toBeLessThanOrEqual(Math.max(1000, life - margin));
    }),
  );
});

test('the same expiry again is asked about in about a minute, and never in a busy loop', () => {
  fc.assert(
    fc.property(
      now,
      fc.integer({ min: -MINUTE_MS * 600, max: 12 * 60 * MINUTE_MS }),
      chance,
      (nowMs, life, luck) => {
        const delay = delayAfterSameMs(nowMs, nowMs + life, luck);
        expect(delay).toBeGreaterThanOrEqual(1000);
        expect(delay).toBeLessThanOrEqual(Math.max(75_000, life - 10 * MINUTE_MS));
        if (life <= 0 || life > 5 * MINUTE_MS) expect(delay).toBeGreaterThanOrEqual(45_000);
      },
    ),
  );
});

test('failures back off from a second to a minute', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), chance, (failures, luck) => {
      const delay = delayAfterFailureMs(failures, luck);
      expect(delay).toBeGreaterThanOrEqual(1000);
      expect(delay).toBeLessThanOrEqual(MINUTE_MS);
      expect(delayAfterFailureMs(failures + 1, luck)).toBeGreaterThanOrEqual(delay);
    }),
  );
  expect(delayAfterFailureMs(1, 0)).toBe(1000);
  expect(delayAfterFailureMs(50, 1)).toBe(MINUTE_MS);
});

test('every delay is jittered: two draws of chance give two times', () => {
  fc.assert(
    fc.property(fc.integer({ min: 10_000, max: 12 * 60 * MINUTE_MS }), (life) => {
      expect(delayAfterNewMs(0, life, 0)).not.toBe(delayAfterNewMs(0, life, 1));
      expect(delayAfterSameMs(0, life, 0)).not.toBe(delayAfterSameMs(0, life, 1));
    }),
  );
  for (let failures = 1; failures < 20; failures += 1) {
    expect(delayAfterFailureMs(failures, 0)).not.toBe(delayAfterFailureMs(failures, 1));
  }
});

test('a refusal without a reason may be for age within a minute of the end and after it', () => {
  expect(isNearExpiry(0, undefined)).toBe(false);
  expect(isNearExpiry(0, 2 * MINUTE_MS)).toBe(false);
  expect(isNearExpiry(0, MINUTE_MS / 2)).toBe(true);
  expect(isNearExpiry(0, -MINUTE_MS)).toBe(true);
});

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CoarseClock } from '../../../src/s3/transport/coarse-clock.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => vi.useRealTimers());

/** A clock that is told how long to sleep. */
function openClock(...sleepsMs: number[]): { clock: CoarseClock; ticks: number[] } {
  const ticks: number[] = [];
  const clock = new CoarseClock(() => {
    ticks.push(clock.nowMs);
    return sleepsMs.shift() ?? 0;
  });
  return { clock, ticks };
}

test('it ticks every 50 ms while asked to, and then no more', () => {
  const { clock, ticks } = openClock(50, 50, 0);
  clock.wake();
  vi.advanceTimersByTime(10_000);
  expect(ticks).toEqual([50, 100, 150]);
  expect(vi.getTimerCount()).toBe(0);
});

test('it sleeps as long as it may, and wakes at once when something begins', () => {
  const { clock, ticks } = openClock(4000, 0);
  clock.wake();
  vi.advanceTimersByTime(1050);
  expect([ticks, clock.nowMs]).toEqual([[50], 50]);
  clock.wake();
  expect(clock.nowMs).toBe(1050);
  vi.advanceTimersByTime(50);
  expect(ticks).toEqual([50, 1100]);
});

test('to wake it again costs nothing', () => {
  const { clock, ticks } = openClock(50, 0);
  for (let count = 0; count < 10; count += 1) {
    clock.wake();
    vi.advanceTimersByTime(5);
  }
  expect(ticks).toEqual([50]);
});

test('time in which the process was held up does not count', () => {
  const { clock, ticks } = openClock(50, 50, 0);
  clock.wake();
  const held = vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 9000);
  vi.advanceTimersByTime(50);
  held.mockRestore();
  expect(ticks).toEqual([100]);
});

test('stop is the end of it', () => {
  const { clock, ticks } = openClock(50, 50);
  clock.wake();
  clock.stop();
  vi.advanceTimersByTime(1000);
  expect([ticks, vi.getTimerCount()]).toEqual([[], 0]);
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HedgeTiming } from '../../src/s3/hedge-timing.ts';

function note(timing: HedgeTiming, samplesMs: readonly number[]): void {
  for (const ms of samplesMs) timing.noteFirstByte(ms);
}

/** 1 … n, in an order that is not theirs. */
function upTo(n: number): number[] {
  return Array.from({ length: n }, (_, index) => ((index * 37) % n) + 1);
}

describe('The delay', () => {
  test('is the floor as long as little is known', () => {
    const timing = new HedgeTiming(500);
    expect(timing.delayMs).toBe(500);
    note(
      timing,
      Array.from({ length: 31 }, () => 9000),
    );
    expect(timing.delayMs).toBe(500);
  });

  test('is the floor where S3 is quicker', () => {
    const timing = new HedgeTiming(500);
    note(timing, upTo(256));
    expect(timing.delayMs).toBe(500);
  });

  test('is the 95th percentile where S3 is slower', () => {
    const timing = new HedgeTiming(50);
    note(timing, upTo(256));
    expect(timing.delayMs).toBe(244);
  });

  test('forgets what is longer ago than 256 first bytes', () => {
    const timing = new HedgeTiming(50);
    note(
      timing,
      Array.from({ length: 256 }, () => 5000),
    );
    expect(timing.delayMs).toBe(5000);
    note(
      timing,
      Array.from({ length: 256 }, () => 60),
    );
    expect(timing.delayMs).toBe(60);
  });

  test('is at most exceeded by one in twenty of those it was made of, and never under the floor', () => {
    const samples = fc.array(fc.double({ min: 0, max: 10_000, noNaN: true }), {
      minLength: 32,
      maxLength: 700,
    });
    fc.assert(
      fc.property(samples, fc.integer({ min: 1, max: 10_000 }), (samplesMs, floorMs) => {
        const timing = new HedgeTiming(floorMs);
        // The last estimate was made after a multiple of 32.
        const known = samplesMs.slice(0, samplesMs.length - (samplesMs.length % 32));
        note(timing, samplesMs);
        const used = known.slice(-256);
        const later = used.filter((ms) => ms > timing.delayMs);
        expect(later.length).toBeLessThanOrEqual(used.length * 0.05);
        expect(timing.delayMs).toBeGreaterThanOrEqual(floorMs);
        expect(timing.delayMs === floorMs || used.includes(timing.delayMs)).toBe(true);
      }),
    );
  });
});

describe('The allowance', () => {
  test('is ten at the start, then one for every twenty requests', () => {
    const timing = new HedgeTiming(500);
    let hedges = 0;
    while (timing.tryTake()) hedges += 1;
    expect(hedges).toBe(10);
    for (let request = 1; request <= 19; request += 1) timing.noteRequest();
    expect(timing.tryTake()).toBe(false);
    for (let request = 1; request <= 2; request += 1) timing.noteRequest();
    expect([timing.tryTake(), timing.tryTake()]).toEqual([true, false]);
  });

  test('does not grow over ten, however long nothing was late', () => {
    const timing = new HedgeTiming(500);
    for (let request = 0; request < 100_000; request += 1) timing.noteRequest();
    let hedges = 0;
    while (timing.tryTake()) hedges += 1;
    expect(hedges).toBe(10);
  });

  test('is one in twenty in the long run, and ten more at any time, whatever the order', () => {
    const act = fc.oneof({ arbitrary: fc.constant('request'), weight: 4 }, fc.constant('hedge'));
    fc.assert(
      fc.property(fc.array(act, { maxLength: 3000, size: 'max' }), (acts) => {
        const timing = new HedgeTiming(500);
        let requests = 0;
        let hedges = 0;
        for (const what of acts) {
          if (what === 'request') {
            timing.noteRequest();
            requests += 1;
          } else if (timing.tryTake()) hedges += 1;
          expect(hedges).toBeLessThanOrEqual(10 + requests * 0.05 + 1e-6);
        }
      }),
    );
  });
});

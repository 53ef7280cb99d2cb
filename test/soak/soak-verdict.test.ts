import { describe, expect, test } from 'vitest';
import { Random } from '../fuzz/random.ts';
import { fitLine, pickTroughs, quantile, type Sample } from './fit-line.ts';
import { judge, MOST_RISE, type SoakRecord } from './soak-verdict.ts';
import type { HeldMemory } from './start-daemon.ts';

// The soak finds nothing that this does not see.

const MIB = 2 ** 20;
const SECONDS = 60;

/** Samples of a minute: a value, what is added to it in the last 42 seconds of it, and noise. */
function sample(value: number, rise: number, noise = 0, everySeconds = 0.5): Sample[] {
  const random = new Random(1);
  return Array.from({ length: SECONDS / everySeconds }, (_, index) => {
    const atSeconds = index * everySeconds;
    return { atSeconds, value: value + (rise * atSeconds) / 42 + noise * (random.below(1000) / 1000) };
  });
}

/** What a process holds, with such rises in MiB. */
function hold(heapRise: number, externalRise: number): HeldMemory {
  return {
    heap: sample(20 * MIB, heapRise * MIB, 0.3 * MIB, 5),
    external: sample(8 * MIB, externalRise * MIB, 4 * MIB, 5),
  };
}

function record(change: Partial<SoakRecord> = {}): SoakRecord {
  const holding = { residentBytes: 160 * MIB, sockets: 4, processes: 1 };
  return {
    ...{ seconds: SECONDS, warmUpSeconds: 18, workers: 1, latenessMs: 25 },
    load: {
      ...{ requests: 4800, bytes: 3e9, leavers: 480, stalled: 240, faulted: 96, wrongBytes: 0 },
      ...{ mistakes: new Map(), throughMs: new Map(), directMs: new Map() },
    },
    upstream: { requests: 5000, refused: 0, faults: 110, rotations: 3 },
    residentBytes: sample(160 * MIB, 2 * MIB, 20 * MIB),
    sockets: sample(40, 0, 30),
    held: new Map([[7, hold(0.1, 1)]]),
    ...{ before: holding, after: holding, exitCode: 0, standardError: '', logErrors: new Map() },
    log: {
      requests: 4800,
      retried: 100,
      hedges: 5,
      resumes: 40,
      causes: new Map([
        ['a', 1],
        ['b', 2],
        ['c', 3],
      ]),
    },
    ...change,
  };
}

test('A sound daemon is found sound, and so is one whose machine was busy with other things for a while.', () => {
  expect(judge(record()).violations).toEqual([]);
  const { load, upstream, residentBytes, sockets } = record();
  const isBusy = ({ atSeconds }: Sample): boolean => atSeconds > 45 && atSeconds < 52;
  const busy = {
    load: { ...load, leavers: load.leavers - 40 },
    upstream,
    residentBytes: residentBytes.map((one) => ({ ...one, value: one.value + (isBusy(one) ? 80 * MIB : 0) })),
    sockets: sockets.map((one) => ({ ...one, value: one.value + (isBusy(one) ? 200 : 0) })),
  };
  expect(judge(record(busy)).violations).toEqual([]);
});

describe('Found is', () => {
  const { load, upstream, log, before } = record();
  const found: readonly (readonly [string, Partial<SoakRecord>, RegExp])[] = [
    ['a wrong byte', { load: { ...load, wrongBytes: 1 } }, /1 responses with wrong bytes/],
    [
      'a request that failed',
      { load: { ...load, mistakes: new Map([['status 502', 1]]) } },
      /1 × status 502/,
    ],
    ['an error in the log', { logErrors: new Map([['body_cut', 2]]) }, /logged 2 ×: body_cut/],
    [
      'memory that rises',
      { residentBytes: sample(160 * MIB, 1.2 * MOST_RISE.residentBytes, 20 * MIB) },
      /resident memory rises by 4\d/,
    ],
    [
      'a heap that rises in one of two processes',
      {
        held: new Map([
          [1, hold(0, 0)],
          [2, hold(3.3, 0)],
        ]),
      },
      /V8 cannot collect rises by [23]\.\d MiB/,
    ],
    ['buffers that are kept', { held: new Map([[1, hold(0, 14)]]) }, /outside of V8 rises by 1\d/],
    ['a process that tells nothing', { after: { ...before, processes: 2 } }, /1 of 2 processes/],
    ['sockets that rise', { sockets: sample(40, 65, 15) }, /sockets rises by/],
    ['a socket that is left', { after: { ...before, sockets: 5 } }, /1 sockets were left/],
    ['an exit code', { exitCode: 'SIGKILL' }, /ended with SIGKILL/],
    ['a complaint', { standardError: '(node:1) Warning: a leak' }, /complained: \(node:1\)/],
    ['a soak without leavers', { load: { ...load, leavers: 200 } }, /200 clients left/],
    ['a soak without stalls', { load: { ...load, stalled: 100 } }, /100 clients stalled/],
    ['a soak without faults', { load: { ...load, faulted: 50 } }, /50 requests met a fault/],
    ['a soak whose faults were not played', { upstream: { ...upstream, faults: 50 } }, /S3 played 50 faults/],
    ['a soak in which nothing was made good', { log: { ...log, resumes: 0 } }, /nothing had to be made good/],
    [
      'a soak with the same keys all the time',
      { upstream: { ...upstream, rotations: 2 } },
      /rotated 2 times/,
    ],
    ['a soak without load', { load: { ...load, requests: 59 } }, /59 requests only/],
  ];
  test.each(found)('%s', (_, change, sentence) => {
    expect(judge(record(change)).violations).toEqual([expect.stringMatching(sentence)]);
  });
});

test('Troughs are the lowest of each stretch.', () => {
  const samples = [5, 3, 9, 7, 8, 8].map((value, atSeconds) => ({ atSeconds, value }));
  expect(pickTroughs(samples, 2).map(({ value }) => value)).toEqual([3, 7, 8]);
});

test('The line through samples is that of most of them.', () => {
  const straight = Array.from({ length: 50 }, (_, index) => ({ atSeconds: index, value: 3 * index + 7 }));
  expect(fitLine(straight)).toMatchObject({ slope: 3, rise: 147 });
  const disturbed = straight.map((one, index) => (index % 5 === 0 ? { ...one, value: 1e6 } : one));
  expect(fitLine(disturbed).slope).toBeCloseTo(3, 0);
  expect(() => fitLine([{ atSeconds: 1, value: 1 }])).toThrow('samples of two times');
});

test('A quantile is one of the values.', () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect([quantile(values, 0.5), quantile(values, 0.99), quantile(values, 1), quantile([], 0.5)]).toEqual([
    51,
    100,
    100,
    NaN,
  ]);
});

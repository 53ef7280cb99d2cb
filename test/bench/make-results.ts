import type { GrowthPoint } from '../../bench/measure-growth.ts';
import type { Sample } from '../../bench/measure-sample.ts';
import type { Results } from '../../bench/results.ts';
import { compareLatencies, summarise } from '../../bench/summary.ts';
import { makeSample } from './make-sample.ts';

/** What each variant costs where nginx costs 1. */
const VARIANTS: Readonly<Record<string, number>> = {
  nginx: 1,
  'nginx-64k': 0.8,
  wire: 2.5,
  undici: 4,
  'a-contender': 6,
};

/** Results of a run with every part in it, of made-up figures. @param wireCpuSeconds - of its three rounds */
export function makeResults({ wireCpuSeconds = [2.5, 2.4, 2.6] } = {}): Results {
  const samples = ['http', 'https'].flatMap((protocol) =>
    [1, 2, 3].flatMap((round) => samplesOf(protocol, round, wireCpuSeconds[round - 1] ?? 0)),
  );
  return {
    format: 1,
    startedAt: '2026-01-01T00:00:00.000Z',
    revision: 'abc',
    machine: {
      processor: 'a processor',
      coreCount: 2,
      memoryBytes: 8e9,
      system: 'Debian',
      kernel: '6',
      node: '26.0.0',
      nginx: '1.22.1',
      wrk: '4.1.0',
      openssl: '3.0.0',
    },
    rounds: 3,
    secondsPerSample: 2,
    cells: summarise(samples),
    addedLatency: compareLatencies(samples),
    signing: [],
    startUp: undefined,
    memory: ['wire', 'undici', 'nginx'].map((variant) => ({
      variant,
      idleBytes: 80e6,
      streamingBytes: { median: 180e6, least: 170e6, most: 195e6 },
      streams: 1000,
    })),
    workers: [],
    growth: growthOf(),
    samples,
    failures: [],
  };
}

function samplesOf(protocol: string, round: number, wireCpuSeconds: number): Sample[] {
  return ['1 KB', '64 KB', '8 MB'].flatMap((size) =>
    [1, 16].flatMap((connections) => {
      const common = { protocol, round, size, connections };
      const ofVariants = Object.entries(VARIANTS).map(([variant, cost]) =>
        makeSample({
          ...common,
          variant,
          cpuSeconds: variant === 'wire' ? wireCpuSeconds : cost,
          p50Us: 100 + 50 * cost + round,
        }),
      );
      return [...ofVariants, makeSample({ ...common, variant: 'direct', cpuSeconds: undefined, p50Us: 100 })];
    }),
  );
}

function growthOf(): GrowthPoint[] {
  const point = (over: GrowthPoint['over'], variant: string) => (at: number) => ({
    over,
    variant,
    at,
    cpuUs: { median: 80 + at / 1000, least: 70, most: 90 + at / 1000 },
    residentBytes: 1e8,
  });
  const counts = [1, 10, 100, 1000];
  return [
    ...['wire', 'nginx'].flatMap((variant) => [
      ...[1024, 1024 ** 2 * 4, 1024 ** 3].map(point('object size', variant)),
      ...counts.map(point('connections', variant)),
    ]),
    ...counts.map(point('routes', 'wire')),
  ];
}

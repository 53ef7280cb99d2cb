import type { Sample } from '../../bench/measure-sample.ts';

/** A sample with everything that a test does not speak of filled in. */
export function makeSample(sample: Partial<Sample>): Sample {
  return {
    round: 1,
    protocol: 'http',
    variant: 'nginx',
    size: '1 KB',
    connections: 16,
    requests: 1000,
    seconds: 2,
    bytes: 1_000_000,
    cpuSeconds: 1,
    p50Us: 500,
    p99Us: 900,
    othersLoad: 0,
    ...sample,
  };
}

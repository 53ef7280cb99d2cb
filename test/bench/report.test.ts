import { expect, test } from 'vitest';
import { formatReport } from '../../bench/report.ts';
import type { Results } from '../../bench/results.ts';
import { summarise } from '../../bench/summary.ts';
import { makeSample } from './make-sample.ts';

const samples = [makeSample({}), makeSample({ variant: 'wire', cpuSeconds: 2.5 })];
const RESULTS: Results = {
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
  rounds: 1,
  secondsPerSample: 2,
  cells: summarise(samples),
  addedLatency: [],
  signing: [{ signer: 'fast', medianUs: 5, leastUs: 4, mostUs: 6 }],
  startUp: undefined,
  memory: [],
  workers: [],
  growth: [],
  samples,
  failures: ['undici: broke'],
};

test('the report holds the ratios beside their targets, the figures and what failed', () => {
  const report = formatReport(RESULTS);
  expect(report).toMatch(/\| wire +\| +2\.50 \|/);
  expect(report).toMatch(/\| \(target\) +\| +≤ 3\.00 \|/);
  expect(report).toMatch(/\| signing, µs: fast +\| +5\.00 \(4\.00–6\.00\) +\| +≤ 8 \|/);
  expect(report).toContain('FAILED: undici: broke');
});

test('what was not measured is not spoken of', () => {
  const report = formatReport({ ...RESULTS, cells: [], signing: [], failures: [] });
  expect(report).not.toMatch(/target|https|growth|FAILED/);
});

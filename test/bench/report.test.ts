import { expect, test } from 'vitest';
import { formatReport } from '../../bench/report.ts';
import type { Results } from '../../bench/results.ts';
import { summarise } from '../../bench/summary.ts';
import { makeResults } from './make-results.ts';
import { makeSample } from './make-sample.ts';

const samples = [makeSample({}), makeSample({ variant: 'wire', cpuSeconds: 2.5 })];
const RESULTS: Results = {
  ...makeResults(),
  cells: summarise(samples),
  addedLatency: [],
  signing: [{ signer: 'fast', medianUs: 5, leastUs: 4, mostUs: 6 }],
  memory: [],
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

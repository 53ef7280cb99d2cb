import { expect, test } from 'vitest';
import type { MetricFamily, Series } from '../../src/telemetry/metric-family.ts';
import { METRICS } from '../../src/telemetry/metrics.ts';
import { RequestCounts } from '../../src/telemetry/request-counts.ts';
import { type RequestReport, startReport } from '../../src/telemetry/request-report.ts';
import type { RouteTimings } from '../../src/telemetry/route-counts.ts';
import { loadText } from '../config/load-text.ts';

const { routes } = loadText(
  's3: {bucket: media, region: eu-west-1}\nroutes: [{path: /avod/, bucket: adverts}]\n',
);

function createCounts(sampleRate?: number): RequestCounts {
  return new RequestCounts(routes, sampleRate);
}

function createReport(fields: Partial<RequestReport>): RequestReport {
  const good = { route: '/', bucket: 'media', status: 200, bytes: 10, attempts: 1, firstByteMs: 20 };
  return { ...startReport('GET'), ...good, ...fields };
}

/** Values by labels, as `route=/ cause=clock`. */
function read(families: readonly MetricFamily[], name: string): Record<string, number> {
  const series = (families.find((family) => family.name === name)?.values ?? []) as readonly Series[];
  return Object.fromEntries(
    series.map(({ labels, value, metricName }) => {
      const text = Object.entries(labels)
        .map((label) => label.join('='))
        .join(' ');
      return [metricName === undefined ? text : `${metricName} ${text}`, value];
    }),
  );
}

function takeTimings(counts: RequestCounts): RouteTimings | undefined {
  return counts.takeTimings().find(({ route }) => route === '/');
}

test('series of every route are there from the start, at zero', () => {
  const families = createCounts().toFamilies();
  expect(read(families, 's3_helper_attempts_total')).toEqual({ 'route=/': 0, 'route=/avod/': 0 });
  expect(read(families, 's3_helper_hedges_total')).toMatchObject({ 'route=/ outcome=sent': 0 });
  expect(read(families, 's3_helper_response_bytes_total')).toEqual({
    'route=/ bucket=media': 0,
    'route=/avod/ bucket=adverts': 0,
  });
});

test('all families of requests are in the table, with its labels', () => {
  const counts = createCounts();
  counts.write(
    createReport({
      causes: ['s3_reset', 'hedge'],
      hedges: 1,
      s3Errors: ['SlowDown'],
      failure: 'client_gone',
    }),
    30,
  );
  for (const { name, values } of counts.toFamilies()) {
    const { labels } = METRICS[name as keyof typeof METRICS];
    for (const series of values) {
      const named = Object.keys(series.labels).filter((label) => label !== 'le');
      expect([name, named.toSorted()]).toEqual([name, labels.toSorted()]);
    }
  }
});

test('retries, hedges, resumes and errors are told apart', () => {
  const counts = createCounts();
  counts.write(
    createReport({
      attempts: 6,
      hedges: 1,
      hedgesWon: 1,
      resumes: 1,
      causes: ['503 SlowDown', 'hedge', 'clock', 'body_cut', '500 MadeUp'],
      s3Errors: ['SlowDown', 'RequestTimeTooSkewed', 'MadeUp'],
    }),
    30,
  );
  const families = counts.toFamilies();
  expect(read(families, 's3_helper_retries_total')).toEqual({
    'route=/ cause=SlowDown': 1,
    'route=/ cause=clock': 1,
    'route=/ cause=other': 1,
  });
  expect(read(families, 's3_helper_s3_errors_total')).toEqual({
    'route=/ code=SlowDown': 1,
    'route=/ code=RequestTimeTooSkewed': 1,
    'route=/ code=other': 1,
  });
  expect(read(families, 's3_helper_hedges_total')).toMatchObject({
    'route=/ outcome=sent': 1,
    'route=/ outcome=won': 1,
  });
  expect(read(families, 's3_helper_resumes_total')).toMatchObject({ 'route=/': 1 });
});

test('an earlier error of S3 is not the outcome of a request that failed otherwise', () => {
  const counts = createCounts();
  counts.write(createReport({ status: 502, failure: 's3_reset', s3ErrorCode: 'SlowDown' }), 30);
  counts.write(createReport({ status: 503, s3ErrorCode: 'SlowDown' }), 30);
  const labels = 'route=/ bucket=media method=GET status_class=5xx';
  expect(read(counts.toFamilies(), 's3_helper_requests_total')).toEqual({
    [`${labels} failure=s3_reset s3_error_code=`]: 1,
    [`${labels} failure= s3_error_code=SlowDown`]: 1,
  });
});

test('what clients and S3 make up adds no series', () => {
  const counts = createCounts();
  for (let index = 0; index < 1000; index += 1) {
    counts.write(createReport({ method: `BREW${index}`, status: 405, failure: 'method_not_allowed' }), 1);
    counts.write(createReport({ status: 400, s3ErrorCode: `Code${index}`, s3Errors: [`Code${index}`] }), 1);
    counts.write(createReport({ status: 503, causes: [`503 Code${index}`] }), 1);
  }
  const families = counts.toFamilies();
  expect(Object.values(read(families, 's3_helper_requests_total'))).toEqual([1000, 1000, 1000]);
  expect(Object.keys(read(families, 's3_helper_s3_errors_total'))).toEqual(['route=/ code=other']);
  expect(Object.keys(read(families, 's3_helper_retries_total'))).toEqual(['route=/ cause=other']);
});

test('times are counted by their bounds, of which each holds those below it', () => {
  const counts = createCounts();
  for (const firstByteMs of [0.5, 1, 1.1, 99, 100, 20_000]) counts.write(createReport({ firstByteMs }), 2);
  counts.write(createReport({ firstByteMs: undefined }), 2);
  const series = read(counts.toFamilies(), 's3_helper_first_byte_seconds');
  const at = (le: string): number | undefined =>
    series[`s3_helper_first_byte_seconds_bucket le=${le} route=/`];
  expect([at('0.001'), at('0.0025'), at('0.06'), at('0.1'), at('10'), at('+Inf')]).toEqual([
    2, 3, 3, 5, 5, 6,
  ]);
  expect(series['s3_helper_first_byte_seconds_count route=/']).toBe(6);
  expect(series['s3_helper_first_byte_seconds_sum route=/']).toBeCloseTo(20.2016, 6);
});

test('of the times as they are so many are kept as were asked for, and never more than a hundred', () => {
  const counts = createCounts(0.5);
  for (let index = 0; index < 100; index += 1) counts.write(createReport({ firstByteMs: undefined }), index);
  const first = takeTimings(counts);
  expect(first?.totalMs.length).toBeGreaterThan(20);
  expect(first?.totalMs.length).toBeLessThan(80);
  expect(first?.firstByteMs).toEqual([]);

  for (let index = 0; index < 100_000; index += 1) counts.write(createReport({}), index);
  const second = takeTimings(counts);
  expect([second?.totalMs.length, second?.firstByteMs.length]).toEqual([100, 100]);
  // Each has the same chance: the middle one of a hundred is far from both ends.
  const middle = second!.totalMs.toSorted((one, other) => one - other)[50]!;
  expect(middle).toBeGreaterThan(25_000);
  expect(middle).toBeLessThan(75_000);
  expect(takeTimings(counts)?.totalMs).toEqual([]);
});

test('nothing is kept as it is where nobody wants it', () => {
  const counts = createCounts();
  counts.write(createReport({}), 1);
  expect(counts.takeTimings()).toEqual([]);
});

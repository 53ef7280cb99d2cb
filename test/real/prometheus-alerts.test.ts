import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { runPromtool } from '../servers/run-promtool.ts';
import { listExpressions } from '../telemetry/read-observability.ts';

const RULES = join(import.meta.dirname, '../../config/observability/prometheus-alerts.yml');

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 's3-helper-alerts-'));
});

afterAll(() => rmSync(directory, { recursive: true }));

/** Series by name and labels, each with its values minute by minute, as promtool writes them. */
type SeriesByName = Readonly<Record<string, string>>;

const GOOD = 's3_helper_requests_total{route="/",status_class="2xx",failure="",s3_error_code=""}';
const SERVING = 's3_helper_workers{state="serving"}';
const DRAINING = 's3_helper_draining';

/** A daemon that serves ten requests a second. */
const HEALTHY: SeriesByName = {
  [SERVING]: '2x60',
  [DRAINING]: '0x60',
  [GOOD]: '0+600x60',
  's3_helper_attempts_total{route="/"}': '0+600x60',
  's3_helper_first_byte_seconds_bucket{route="/",le="0.1"}': '0+600x60',
  's3_helper_first_byte_seconds_bucket{route="/",le="+Inf"}': '0+600x60',
  s3_helper_requests_queued: '0x60',
  's3_helper_credentials_degraded{source="instance"}': '0x60',
  's3_helper_credentials_expiry_seconds{source="instance"}': '3600x60',
  's3_helper_credentials_failures_total{source="instance"}': '0x60',
  s3_helper_clock_offset_seconds: '0x60',
  s3_helper_signer_mismatches_total: '0x60',
  nodejs_eventloop_lag_p99_seconds: '0.002x60',
};

const requests = (status: string, failure: string, code = ''): string =>
  `s3_helper_requests_total{route="/",status_class="${status}",failure="${failure}",s3_error_code="${code}"}`;

/** What goes wrong, and the alerts that it must bring after half an hour, with no others. */
const TROUBLES: readonly (readonly [name: string, series: SeriesByName, alerts: readonly string[]])[] = [
  ['nothing', {}, []],
  ['a few failures', { [requests('5xx', 's3_reset')]: '0+1x60' }, []],
  ['no worker that serves', { [SERVING]: '0x60' }, ['S3HelperNobodyServes']],
  ['a daemon that ends', { [SERVING]: '0x60', [DRAINING]: '1x60' }, []],
  ['every tenth request fails', { [requests('5xx', 's3_reset')]: '0+60x60' }, ['S3HelperErrors']],
  ['bodies that break', { [requests('2xx', 'body_cut')]: '0+6x60' }, ['S3HelperBodiesBreak']],
  ['S3 that refuses', { [requests('4xx', '', 'AccessDenied')]: '0+100x60' }, ['S3HelperRefusedByS3']],
  ['objects that are missing', { [requests('4xx', '', 'NoSuchKey')]: '0+300x60' }, []],
  [
    'S3 that throttles',
    { 's3_helper_s3_errors_total{route="/",code="SlowDown"}': '0+30x60' },
    ['S3HelperThrottled'],
  ],
  ['many retries', { 's3_helper_retries_total{route="/",cause="s3_reset"}': '0+60x60' }, ['S3HelperRetries']],
  [
    'S3 that is slow',
    {
      's3_helper_first_byte_seconds_bucket{route="/",le="0.1"}': '0+300x60',
      's3_helper_first_byte_seconds_bucket{route="/",le="2.5"}': '0+600x60',
    },
    ['S3HelperSlowFirstByte'],
  ],
  ['too many requests', { [requests('5xx', 'overloaded')]: '0+1x60' }, ['S3HelperOverloaded']],
  ['a queue', { s3_helper_requests_queued: '3x60' }, ['S3HelperQueues']],
  ['something unforeseen', { [requests('5xx', 'internal')]: '0+1x60' }, ['S3HelperInternalErrors']],
  [
    'credentials past their end',
    {
      's3_helper_credentials_degraded{source="instance"}': '1x60',
      's3_helper_credentials_expiry_seconds{source="instance"}': '-60x60',
    },
    ['S3HelperCredentialsDegraded', 'S3HelperCredentialsEnd'],
  ],
  [
    'credentials close to their end',
    { 's3_helper_credentials_expiry_seconds{source="instance"}': '200x60' },
    ['S3HelperCredentialsEnd'],
  ],
  [
    'a source of credentials that fails',
    { 's3_helper_credentials_failures_total{source="instance"}': '0+1x60' },
    ['S3HelperCredentialFetchesFail'],
  ],
  ['a clock that is wrong', { s3_helper_clock_offset_seconds: '-7200x60' }, ['S3HelperClockWrong']],
  ['a signer that is wrong', { s3_helper_signer_mismatches_total: '1x60' }, ['S3HelperSignerWrong']],
  [
    'a configuration that is wrong',
    { 's3_helper_config_reloads_total{outcome="refused"}': '0x25 1x35' },
    ['S3HelperReloadRefused'],
  ],
  ['a configuration that is right', { 's3_helper_config_reloads_total{outcome="applied"}': '0x25 1x35' }, []],
  ['a loop that is late', { nodejs_eventloop_lag_p99_seconds: '0.5x60' }, ['S3HelperEventLoopBlocked']],
];

describe('Alerts are those that the trouble calls for:', () => {
  test.each(TROUBLES)('%s', async (name, series, alerts) => {
    expect(await testRules(name, { ...HEALTHY, ...series }, alerts)).toEqual({
      code: 0,
      output: expect.stringContaining('SUCCESS') as string,
    });
  });

  test('no daemon at all', async () => {
    const { code, output } = await testRules('absent', {}, ['S3HelperAbsent']);
    expect([code, output]).toEqual([0, expect.stringContaining('SUCCESS')]);
  });

  test('every alert is among these', () => {
    const tested = new Set(TROUBLES.flatMap(([, , alerts]) => alerts)).add('S3HelperAbsent');
    expect([...tested].toSorted()).toEqual(Object.keys(listExpressions('alerts')).toSorted());
  });
});

/** Has promtool play half an hour of series, and compare the alerts that are firing then. */
function testRules(
  name: string,
  series: SeriesByName,
  alerts: readonly string[],
): ReturnType<typeof runPromtool> {
  const file = join(directory, 'tests.yml');
  const withTarget = (metric: string): string => {
    const [base = '', labels = '}'] = metric.split('{');
    return `${base}{instance="one",job="s3-helper"${labels === '}' ? '' : ','}${labels}`;
  };
  writeFileSync(
    file,
    stringify({
      rule_files: [RULES],
      evaluation_interval: '1m',
      tests: [
        {
          name,
          interval: '1m',
          input_series: Object.entries(series).map(([metric, values]) => ({
            series: withTarget(metric),
            values,
          })),
          promql_expr_test: [
            {
              expr: 'count by (alertname) (ALERTS{alertstate="firing"})',
              eval_time: '30m',
              exp_samples: alerts.map((alert) => ({ labels: `{alertname="${alert}"}`, value: 1 })),
            },
          ],
        },
      ],
    }),
  );
  return runPromtool(['test', 'rules', file]);
}

test('promtool takes the rules, and every expression of the dashboard', async () => {
  expect((await runPromtool(['check', 'rules', RULES])).code).toBe(0);
  const expressions = Object.values(listExpressions('dashboard')).map((expression) =>
    expression.replaceAll('$__rate_interval', '5m').replaceAll(/\$\w+/g, '.*'),
  );
  expect(expressions.length).toBeGreaterThan(30);
  const file = join(directory, 'dashboard.yml');
  const rules = expressions.map((expr, index) => ({ record: `panel:${index}`, expr }));
  writeFileSync(file, stringify({ groups: [{ name: 'dashboard', rules }] }));
  const { code, output } = await runPromtool(['check', 'rules', file]);
  expect([code, output]).toEqual([0, expect.stringContaining(`${expressions.length} rules found`)]);
});

import { expect, onTestFinished, test } from 'vitest';
import { FAILURES } from '../../src/failures.ts';
import type { RequestReport } from '../../src/telemetry/request-report.ts';
import { FAKE_CREDENTIAL, startFakeS3 } from '../servers/fake-s3.ts';
import { startStatsdSink } from '../servers/start-statsd-sink.ts';
import { sendRequest } from '../support/send-request.ts';
import { openFailureStage } from './failure-script.ts';
import { openWatchedDaemon } from './open-watched-daemon.ts';

/** Different each time: what this process needs. */
const OF_PROCESS = /^[\w.-]+\.(?:cpu_milliseconds|resident_memory|event_loop_delay\.\w+):/;

const STATE_AT_START = [
  'prod.s3-helper.requests_in_flight:0|g',
  'prod.s3-helper.requests_queued:0|g',
  'prod.s3-helper.s3_connections.open:0|g',
  'prod.s3-helper.s3_connections.busy:0|g',
  'prod.s3-helper.s3_connections.waiting:0|g',
  'prod.s3-helper.clock_offset:0|g',
  'prod.s3-helper.workers.starting:0|g',
  'prod.s3-helper.workers.serving:1|g',
  'prod.s3-helper.workers.draining:0|g',
  'prod.s3-helper.draining:0|g',
];

/** What every failure of the table brings, once each; where none of S3's was sent there is no attempt. */
const OF_FAILURES = [
  's3_serve.fail.req_creation:4|c',
  'requests.none.other.4xx.method_not_allowed.none:1|c',
  'requests.none.GET.4xx.host_not_allowed.none:1|c',
  'requests.none.GET.4xx.bad_target.none:1|c',
  'requests.none.GET.4xx.bad_percent_encoding.none:1|c',
  'requests.none.GET.4xx.dot_segment.none:1|c',
  'requests.none.HEAD.4xx.key_too_long.none:1|c',
  'requests.none.GET.4xx.no_key.none:1|c',
  'requests.none.GET.4xx.no_route.none:1|c',
  'requests.none.GET.4xx.missing_host.none:1|c',
  'requests.none.GET.4xx.repeated_header.none:1|c',
  'requests.none.GET.4xx.body_not_allowed.none:1|c',
  'requests.none.GET.4xx.peer_not_loopback.none:1|c',
  'requests.nobody.GET.5xx.s3_unreachable.none:1|c',
  'requests.untrusted.GET.5xx.s3_tls.none:1|c',
  'requests.silent.GET.5xx.s3_connect_timeout.none:1|c',
  'requests.s3.GET.5xx.s3_first_byte_timeout.none:1|c',
  'requests.s3.GET.5xx.s3_reset.none:1|c',
  'requests.s3.GET.5xx.s3_bad_response.none:1|c',
  'requests.s3.GET.5xx.s3_wrong_range.none:1|c',
  'requests.s3.GET.5xx.s3_redirect.PermanentRedirect:1|c',
  'requests.s3.GET.2xx.body_cut.none:1|c',
  'requests.s3.GET.2xx.body_stall.none:1|c',
  'requests.s3.GET.5xx.credentials_unavailable.none:1|c',
  'requests.s3.GET.5xx.internal.none:1|c',
  'requests.s3.GET.2xx.client_stall.none:1|c',
  'requests.s3.GET.5xx.overloaded.none:1|c',
  'requests.s3.GET.2xx.client_gone.none:1|c',
  'requests.s3.GET.2xx.drain_deadline.none:1|c',
  'responses.none.400:7|c',
  'responses.none.403:1|c',
  'responses.none.404:2|c',
  'responses.none.405:1|c',
  'responses.none.421:1|c',
  'responses.nobody.502:1|c',
  'responses.untrusted.502:1|c',
  'responses.silent.504:1|c',
  'responses.s3.200:5|c',
  'responses.s3.500:1|c',
  'responses.s3.502:4|c',
  'responses.s3.503:2|c',
  'responses.s3.504:1|c',
  'attempts.untrusted:1|c',
  'attempts.nobody:1|c',
  'attempts.silent:1|c',
  'attempts.s3:10|c',
  'client_aborts.s3:2|c',
  's3_errors.s3.PermanentRedirect:1|c',
  'broken_requests.malformed_request:1|c',
  'broken_requests.header_too_large:1|c',
  'broken_requests.request_head_timeout:1|c',
  'broken_requests.method_not_allowed:1|c',
].map((line) => `prod.s3-helper.${line}`);

test('With every failure once, exactly the promised lines are sent.', async () => {
  const [stage, sink] = await Promise.all([openFailureStage(), startStatsdSink()]);
  onTestFinished(async () => {
    await Promise.all([stage.close(), sink.close()]);
  });
  const daemon = await openWatchedDaemon({
    ...stage,
    settings: {
      ...stage.settings,
      'statsd.address': `127.0.0.1:${sink.port}`,
      'statsd.prefix': 'prod.s3-helper',
      // Once at the start and once at the end.
      'statsd.flush_interval': '1h',
    },
  });
  await sink.untilLine('prod.s3-helper.draining:0|g');
  const before = sink.lines().filter((line) => !OF_PROCESS.test(line));
  expect(before).toEqual(['prod.s3-helper.start:1|c', ...STATE_AT_START]);

  await stage.play(daemon);
  await daemon.close(0);
  await sink.untilLine('prod.s3-helper.stop:1|c');
  const after = sink
    .lines()
    .filter((line) => !OF_PROCESS.test(line))
    .slice(before.length);
  const times = after.filter((line) => line.endsWith('|ms'));
  const rest = after.filter((line) => !line.endsWith('|ms'));
  expect(rest.toSorted()).toEqual(
    [
      'prod.s3-helper.stop:1|c',
      ...STATE_AT_START.slice(0, -1),
      'prod.s3-helper.draining:1|g',
      ...OF_FAILURES,
      ...describeBytes(daemon.reports),
    ].toSorted(),
  );
  expectTimes(times, daemon.reports);
  const failures = new Set<string>(daemon.reports.map(({ failure }) => failure ?? ''));
  const broken = Object.keys(FAILURES).filter((name) => !failures.has(name));
  expect(broken).toEqual(['malformed_request', 'header_too_large', 'request_head_timeout']);
  for (const datagram of sink.datagrams) expect(Buffer.byteLength(datagram)).toBeLessThanOrEqual(1432);
}, 30_000);

/** How much a client takes before it stops is the system's to say. */
function describeBytes(reports: readonly RequestReport[]): string[] {
  const byRoute = Map.groupBy(reports, ({ route }) => route?.slice(1, -1) ?? 'none');
  const sum = (some: readonly RequestReport[]): number => some.reduce((total, { bytes }) => total + bytes, 0);
  return [
    `prod.s3-helper.s3_serve.bytes:${sum(reports)}|c`,
    ...[...byRoute].map(([route, some]) => `prod.s3-helper.bytes.${route}:${sum(some)}|c`),
  ];
}

/** One time for each request, and one for each that came as far as S3's head. */
function expectTimes(lines: readonly string[], reports: readonly RequestReport[]): void {
  const names = lines.map((line) => /^([\w.-]+):\d+(?:\.\d{1,6})?\|ms$/.exec(line)?.[1]);
  const expected = reports.flatMap(({ route, firstByteMs }) => {
    const name = route?.slice(1, -1) ?? 'none';
    const first = firstByteMs === undefined ? [] : [`prod.s3-helper.first_byte_time.${name}`];
    return [`prod.s3-helper.request_time.${name}`, ...first];
  });
  expect(names.toSorted()).toEqual(expected.toSorted());
}

test("Datadog's form carries the labels as tags, without those that are empty.", async () => {
  const [s3, sink] = await Promise.all([startFakeS3(), startStatsdSink()]);
  onTestFinished(async () => {
    await Promise.all([s3.close(), sink.close()]);
  });
  s3.put('a', 'object');
  const daemon = await openWatchedDaemon({
    settings: {
      's3.bucket': s3.bucket,
      's3.region': s3.region,
      's3.endpoint': s3.endpoint,
      'statsd.address': `127.0.0.1:${sink.port}`,
      'statsd.tags': 'datadog',
      'statsd.flush_interval': '1h',
    },
    credentials: {
      current: () => FAKE_CREDENTIAL,
      waitForFirst: () => Promise.resolve(FAKE_CREDENTIAL),
      replaceRefused: (refused) => Promise.resolve(refused),
      mayBeExpired: () => false,
    },
    credentialStatuses: () => [
      {
        ...{ source: 'instance metadata (IMDSv2)', keyId: '…WXYZ', expiresAtMs: Date.now() - 60_000 },
        ...{ isDegraded: true, refreshes: 2, failures: 3, lastRefreshAtMs: 0, lastError: 'down' },
      },
    ],
  });
  await sink.untilLine('s3-helper.draining:0|g');
  const before = sink.lines().length;
  await sendRequest(daemon.port, '/a');
  await sendRequest(daemon.port, '/missing');
  await daemon.untilReports(2);
  daemon.clock.adopt(-7_200_000);
  await daemon.close();
  await sink.untilLine('s3-helper.stop:1|c');
  const lines = sink.lines();
  const counters = lines
    .slice(before)
    .filter((line) => line.includes('|c') && !OF_PROCESS.test(line) && !line.includes('bytes'));
  expect(counters.toSorted()).toEqual([
    's3-helper.attempts:2|c|#route:/',
    's3-helper.requests:1|c|#route:/,method:GET,status_class:2xx',
    's3-helper.requests:1|c|#route:/,method:GET,status_class:4xx,s3_error_code:NoSuchKey',
    's3-helper.responses:1|c|#route:/,status:200',
    's3-helper.responses:1|c|#route:/,status:404',
    's3-helper.s3_errors:1|c|#route:/,code:NoSuchKey',
    's3-helper.stop:1|c',
  ]);
  const source = '#source:instance metadata (IMDSv2)';
  expect(
    lines.filter((line) => line.includes(source)).map((line) => line.replace(/:-\d+\./, ':-N.')),
  ).toEqual(
    expect.arrayContaining([
      `s3-helper.credentials_degraded:1|g|${source}`,
      `s3-helper.credentials_refreshes:2|c|${source}`,
      `s3-helper.credentials_failures:3|c|${source}`,
    ]),
  );
  // A number with a sign is a number to Datadog.
  expect(lines).toContain('s3-helper.clock_offset:-7200|g');
  expect(lines.some((line) => /^s3-helper\.credentials_expiry:-\d+(\.\d+)?\|g/.test(line))).toBe(true);
});

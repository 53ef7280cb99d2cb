import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { FakeNewRelic } from '../servers/fake-new-relic.ts';
import { findSecrets } from '../support/open-scene.ts';
import { sendRequest } from '../support/send-request.ts';
import { readEvents, readMetrics } from './newrelic-payloads.ts';
import {
  askScript,
  LICENSE,
  type NewRelicScene,
  ON,
  PLANTED,
  SCRIPT_LENGTH,
  startNewRelicScene,
  untilConnected,
} from './newrelic-scene.ts';

function findPlanted({ calls }: FakeNewRelic): string[] {
  const sent = calls.map(({ text, headers }) => text + JSON.stringify(headers)).join('\n');
  return [...findSecrets(sent), ...PLANTED.filter((planted) => sent.includes(planted))];
}

/** How often each name, with its status and failure, was seen. */
function countOutcomes(collector: FakeNewRelic): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { intrinsics, user, agent } of readEvents(collector, 'analytic_event_data')) {
    const parts = [intrinsics['name'], agent['http.statusCode'], user['failure']];
    const outcome = parts.filter((part) => part !== undefined).join(' ');
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
}

const OUTCOMES = {
  'WebTransaction/Custom/GET / 200': 1,
  'WebTransaction/Custom/HEAD / 200': 1,
  'WebTransaction/Custom/GET /avod/ 200': 2,
  'WebTransaction/Custom/GET / 404': 1,
  'WebTransaction/Custom/GET / 502 s3_reset': 1,
  'WebTransaction/Custom/GET / 503': 1,
  'WebTransaction/Custom/no route 400 dot_segment': 1,
  'WebTransaction/Custom/no route 405 method_not_allowed': 1,
};

function expectNoTraceAtS3({ s3 }: NewRelicScene): void {
  expect(s3.seen.length).toBeGreaterThan(0);
  for (const seen of s3.seen)
    expect([seen.header('traceparent'), seen.header('tracestate'), seen.header('newrelic')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
}

test('the agent tells New Relic of each request by its route, of S3, and of failures by their names', async () => {
  const scene = await startNewRelicScene();
  const { collector, s3, program } = scene;
  const startedAtMs = Date.now();
  await askScript(scene);
  await untilConnected(scene);
  expect(await program.stop()).toBe(0);

  expect(collector.calls.map(({ method }) => method)).toEqual(
    expect.arrayContaining(['preconnect', 'connect', 'metric_data', 'analytic_event_data', 'shutdown']),
  );
  expect(collector.calls.every(({ licenseKey }) => licenseKey === LICENSE)).toBe(true);
  expect(collector.payloads('connect')).toMatchObject([[{ app_name: ['films', 'edge'] }]]);

  expect(countOutcomes(collector)).toEqual(OUTCOMES);
  const metrics = readMetrics(collector);
  const s3Host = `127.0.0.1:${s3.port}`;
  const lines = program.logLines.filter(({ msg }) => msg === 'request');
  const sum = (name: string): number => lines.reduce((total, line) => total + Number(line[name]), 0);
  expect(metrics.get('WebTransaction')?.count).toBe(SCRIPT_LENGTH);
  expect(metrics.get('HttpDispatcher')?.count).toBe(SCRIPT_LENGTH);
  expect(metrics.get('WebTransaction/Custom/GET /avod/')?.count).toBe(2);
  for (const name of [`External/${s3Host}/S3`, `External/${s3Host}/all`, 'External/all', 'External/allWeb'])
    expect([name, metrics.get(name)?.count]).toEqual([name, SCRIPT_LENGTH - 2]);
  expect(metrics.get('Custom/S3Helper/Attempts')?.count).toBe(sum('attempts'));
  expect(metrics.get('Custom/S3Helper/Bytes')).toEqual({
    count: SCRIPT_LENGTH,
    total: sum('bytes'),
  });

  // Times are those of the log, and lie where the requests did.
  for (const { intrinsics, user } of readEvents(collector, 'analytic_event_data')) {
    const line = lines.find(({ request_id }) => request_id === user['request_id']);
    expect(user).toMatchObject({ bytes: line?.['bytes'], attempts: line?.['attempts'] });
    expect(Number(intrinsics['duration']) * 1000).toBeCloseTo(Number(line?.['total_ms']), 2);
    expect(intrinsics['externalCallCount']).toBe(line?.['attempts'] === 0 ? undefined : 1);
    expect(intrinsics['timestamp']).toBeGreaterThanOrEqual(startedAtMs - 1);
    expect(intrinsics['timestamp']).toBeLessThanOrEqual(Date.now());
  }

  const errors = readEvents(collector, 'error_event_data').map(({ intrinsics }) => [
    intrinsics['error.class'],
    intrinsics['error.expected'],
    intrinsics['error.message'],
  ]);
  expect(errors.toSorted()).toEqual([
    ['dot_segment', true, 'A path segment of one or two dots is not served.'],
    ['s3_503', false, 'S3 answered with 503.'],
    ['s3_reset', false, 'S3 closed the connection before it answered.'],
  ]);
  expect(metrics.get('Errors/all')?.count).toBe(2);
  expect(metrics.get('ErrorsExpected/all')?.count).toBe(1);

  expect(findPlanted(collector)).toEqual([]);
  expectNoTraceAtS3(scene);
  expect(program.standardError()).toBe('');
  expect(existsSync(join(process.cwd(), 'newrelic_agent.log'))).toBe(false);
});

test('each of two workers reports what it has served, and the supervisor is not there', async () => {
  const scene = await startNewRelicScene({ yaml: `${ON}workers: 2\n` });
  const { collector, program } = scene;
  await askScript(scene);
  await Promise.all(Array.from({ length: 11 }, () => sendRequest(program.port, '/avod/planted-key.mp4')));
  await untilConnected(scene, 2);
  expect(await program.stop()).toBe(0);

  const pids = collector.payloads('connect').map((payload) => (payload as [{ pid: number }])[0].pid);
  const workers = new Set(program.logLines.filter(({ msg }) => msg === 'request').map(({ pid }) => pid));
  expect(workers.size).toBe(2);
  expect(pids.toSorted()).toEqual([...workers].toSorted());
  expect(countOutcomes(collector)).toEqual({ ...OUTCOMES, 'WebTransaction/Custom/GET /avod/ 200': 13 });
  expect(readMetrics(collector).get('WebTransaction')?.count).toBe(SCRIPT_LENGTH + 11);
  expect(findPlanted(collector)).toEqual([]);
});

test('nothing that the environment may say lets a key, a header or a token out, or a trace into S3', async () => {
  const scene = await startNewRelicScene({
    environment: {
      NEW_RELIC_ALLOW_ALL_HEADERS: 'true',
      NEW_RELIC_APPLICATION_LOGGING_ENABLED: 'true',
      NEW_RELIC_APPLICATION_LOGGING_FORWARDING_ENABLED: 'true',
      NEW_RELIC_ATTRIBUTES_EXCLUDE: 'nothing',
      NEW_RELIC_ATTRIBUTES_INCLUDE: 'request.*,response.*',
      NEW_RELIC_DISTRIBUTED_TRACING_ENABLED: 'true',
      NEW_RELIC_INSTRUMENTATION_HTTP_ENABLED: 'true',
      NEW_RELIC_INSTRUMENTATION_NET_ENABLED: 'true',
      NEW_RELIC_INSTRUMENTATION_UNDICI_ENABLED: 'true',
      NEW_RELIC_SECURITY_ENABLED: 'true',
      NEW_RELIC_SECURITY_AGENT_ENABLED: 'true',
      NEW_RELIC_TRACER_ENABLED: 'true',
      NEW_RELIC_TRACER_THRESHOLD: '0.000001',
    },
  });
  const { collector, program } = scene;
  await askScript(scene);
  await untilConnected(scene);
  expect(await program.stop()).toBe(0);
  expect(countOutcomes(collector)).toEqual(OUTCOMES);
  // What the operator may choose is there.
  expect(collector.payloads('transaction_sample_data').length).toBeGreaterThan(0);
  const spans = readEvents(collector, 'span_event_data').map(({ intrinsics }) => intrinsics['name']);
  expect(new Set(spans)).toContain(`External/127.0.0.1:${scene.s3.port}/S3`);
  expect(findPlanted(collector)).toEqual([]);
  expectNoTraceAtS3(scene);
});

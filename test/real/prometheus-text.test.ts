import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runPromtool } from '../servers/run-promtool.ts';
import { startTelemetryScene, type TelemetryScene } from '../telemetry/start-telemetry-scene.ts';

const OPEN_METRICS = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 's3-helper-promtool-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

/** Something of everything: good answers, S3's errors, failures, a retry. */
async function startBusyScene(workers: number): Promise<TelemetryScene> {
  const scene = await startTelemetryScene({ yaml: `workers: ${workers}` });
  scene.s3.put('a', { size: 100_000 });
  scene.s3.inject({ kind: 'status', status: 500, code: 'InternalError' }, { key: 'a' });
  for (const target of ['/a', '/a', '/missing', '/%zz', '/', '/a/../b', '/a', '/a']) await scene.ask(target);
  return scene;
}

test.each([1, 2])('promtool finds nothing to mend in the metrics, with workers: %i', async (workers) => {
  const { askAdmin } = await startBusyScene(workers);
  const { status, headers, text } = await askAdmin('/metrics');
  expect([status, headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
  expect(text).toContain('s3_helper_retries_total{route="/",cause="InternalError"} 1');
  expect(await runPromtool(['check', 'metrics'], text)).toEqual({ code: 0, output: '' });
});

test('promtool notices what is wrong, so that its silence means something', async () => {
  const { askAdmin } = await startBusyScene(1);
  const { text } = await askAdmin('/metrics');
  const renamed = text.replaceAll('s3_helper_attempts_total', 's3_helper_attempts');
  expect((await runPromtool(['check', 'metrics'], renamed)).code).not.toBe(0);
});

test('who asks for OpenMetrics gets what Prometheus’s own parser of it takes, with the same values', async () => {
  const { askAdmin } = await startBusyScene(2);
  const plain = await askAdmin('/metrics');
  const { headers, text } = await askAdmin('/metrics', { Accept: OPEN_METRICS });
  expect(headers['content-type']).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
  expect(text.endsWith('\n# EOF\n')).toBe(true);
  expect(text).toContain('# TYPE s3_helper_requests counter\n');
  const ofRequests = (body: string): string[] =>
    body.split('\n').filter((line) => line.startsWith('s3_helper_requests_total{'));
  expect(ofRequests(text)).toEqual(ofRequests(plain.text));
  expect(ofRequests(text).length).toBeGreaterThan(3);

  // It only takes samples with times.
  const file = join(directory, 'metrics.txt');
  const seconds = Math.floor(Date.now() / 1000);
  writeFileSync(
    file,
    text
      .split('\n')
      .map((line) => (line === '' || line.startsWith('#') ? line : `${line} ${seconds}`))
      .join('\n'),
  );
  const blocks = join(directory, 'blocks');
  const made = await runPromtool(['tsdb', 'create-blocks-from', 'openmetrics', file, blocks]);
  expect([made.code, made.output.includes('error')]).toEqual([0, false]);
  // A server would have one.
  mkdirSync(join(blocks, 'wal'));
  const dumped = await runPromtool(['tsdb', 'dump', blocks]);
  expect(dumped.output).toContain('__name__="s3_helper_requests_total"');
  expect(dumped.output).toMatch(/__name__="s3_helper_first_byte_seconds_bucket".* le="1\.0"/);
});

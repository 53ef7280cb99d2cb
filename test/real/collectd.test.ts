import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningCollectd, startCollectd } from '../servers/start-collectd.ts';
import { waitUntil } from '../support/with-deadline.ts';
import { startTelemetryScene } from '../telemetry/start-telemetry-scene.ts';

const PREFIX = 'prod.s3-helper';

let collectd: RunningCollectd;

beforeAll(async () => {
  collectd = await startCollectd();
});

afterAll(() => collectd.close());

function sum(name: string): number {
  return collectd.readValues(`count-${PREFIX}.${name}`).reduce((total, value) => total + value, 0);
}

test('collectd stores every count, state and time as it was', async () => {
  const { s3, program, ask } = await startTelemetryScene({
    statsd: `address: "127.0.0.1:${collectd.port}"\n  prefix: ${PREFIX}\n  flush_interval: 200ms\n  sample_rate: 0.5`,
  });
  s3.put('a', 'twelve bytes');
  // S3 is two hours behind, and slow.
  s3.clock.offsetMs = -2 * 3_600_000;
  expect((await ask('/a')).status).toBe(200);
  for (let count = 0; count < 40; count += 1) {
    s3.inject({ kind: 'stall', at: 'before-head', forMs: 50 });
    expect((await ask('/a')).status).toBe(200);
  }
  expect((await ask('/missing')).status).toBe(404);
  expect((await ask('/%zz')).status).toBe(400);
  const missing =
    Buffer.byteLength((await ask('/missing')).body) + Buffer.byteLength((await ask('/%zz')).body);
  expect(await program.stop()).toBe(0);
  await waitUntil(() => sum('stop') === 1, 'the last count in collectd');

  expect([
    sum('start'),
    sum('requests.root.GET.2xx.none.none'),
    sum('requests.root.GET.4xx.none.NoSuchKey'),
    sum('requests.none.GET.4xx.bad_percent_encoding.none'),
    sum('responses.root.200'),
    sum('attempts.root'),
    sum('retries.root.clock'),
    sum('s3_errors.root.RequestTimeTooSkewed'),
    sum('s3_serve.fail.req_creation'),
    sum('s3_serve.bytes'),
    sum('bytes.root') + sum('bytes.none'),
  ]).toEqual([1, 41, 2, 2, 41, 44, 1, 1, 2, 41 * 12 + 2 * missing, 41 * 12 + 2 * missing]);

  // A number below zero is no change of what was before.
  const offsets = collectd.readValues(`gauge-${PREFIX}.clock_offset`).filter((value) => value !== 0);
  expect(offsets.length).toBeGreaterThan(0);
  for (const offset of offsets) expect(Math.abs(offset + 7200)).toBeLessThan(2);
  expect(collectd.readValues(`gauge-${PREFIX}.draining`).at(-1)).toBe(1);

  // Half of the times were sent, and none of them as twice as long: collectd divides those with a sample rate by it.
  const timer = `${PREFIX}.first_byte_time.root`;
  const times = collectd.readValues(`gauge-${timer}-count`).reduce((total, value) => total + value, 0);
  expect(times).toBeGreaterThan(5);
  expect(times).toBeLessThan(40);
  const uppers = collectd.readValues(`latency-${timer}-percentile-90`);
  const measured = uppers.filter((value) => Number.isFinite(value) && value > 0.03);
  expect(measured.length).toBeGreaterThan(0);
  expect(Math.min(...measured)).toBeGreaterThan(0.045);
  expect(Math.min(...measured)).toBeLessThan(0.09);

  for (const name of collectd.listNames()) expect(name.length).toBeLessThan(128);
  expect(collectd.log()).not.toMatch(/error|failed|unable/i);
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { sumCounters } from '../servers/start-statsd-sink.ts';
import { openUnixDatagrams } from '../../src/telemetry/unix-datagrams.ts';
import { waitUntil } from '../support/with-deadline.ts';
import { startTelemetryScene } from './start-telemetry-scene.ts';

const WITHOUT_PACKAGE = new URL('../support/without-package.ts', import.meta.url);
const UNREACHABLE = 'statsd cannot be reached; metrics are lost or sent later';

function makeSocketPath(): string {
  const directory = mkdtempSync(join(tmpdir(), 's3-helper-statsd-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return join(directory, 'statsd.sock');
}

/** Takes datagrams at a path. */
function listenOn(path: string): string[] {
  const datagrams: string[] = [];
  const socket = openUnixDatagrams((error) => {
    throw error;
  });
  socket.receive(path, (bytes) => datagrams.push(bytes.toString('utf8')));
  onTestFinished(() => socket.close());
  return datagrams;
}

test('Counts over many sendings add up to what happened, with one process and with two.', async () => {
  for (const workers of [1, 2]) {
    const { s3, sink, program, ask } = await startTelemetryScene({ yaml: `workers: ${workers}` });
    s3.put('a', 'twelve bytes');
    for (let count = 0; count < 25; count += 1) await ask(count % 5 === 0 ? '/missing' : '/a');
    expect(await program.stop()).toBe(0);
    await sink.untilLine('s3-helper.stop:1|c');
    const sums = sumCounters(sink.lines());
    expect([
      sums.get('s3-helper.start'),
      sums.get('s3-helper.stop'),
      sums.get('s3-helper.responses.root.200'),
      sums.get('s3-helper.responses.root.404'),
      sums.get('s3-helper.attempts.root'),
      sums.get('s3-helper.requests.root.GET.4xx.none.NoSuchKey'),
    ]).toEqual([1, 1, 20, 5, 25, 5]);
    expect(sink.lines().filter((line) => line.startsWith('s3-helper.request_time.root:'))).toHaveLength(25);
  }
});

test('A host that cannot be resolved is told once, and no request is slower or fails for it.', async () => {
  const { s3, program, ask } = await startTelemetryScene({
    statsd: 'address: "statsd.invalid:8125"\n  flush_interval: 100ms',
  });
  s3.put('a', 'object');
  const startedAtMs = performance.now();
  for (let count = 0; count < 100; count += 1) expect((await ask('/a')).status).toBe(200);
  expect(performance.now() - startedAtMs).toBeLessThan(5000);
  await waitUntil(() => program.logLines.some(({ msg }) => msg === UNREACHABLE), 'the warning');
  // Some more sendings.
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await program.stop()).toBe(0);
  expect(program.logLines.filter(({ msg }) => String(msg).includes('statsd'))).toHaveLength(1);
});

test('A port that nobody listens on is nobody’s trouble.', async () => {
  const { s3, sink, program, ask } = await startTelemetryScene({
    statsd: 'address: "127.0.0.1:9"\n  flush_interval: 100ms',
  });
  s3.put('a', 'object');
  for (let count = 0; count < 20; count += 1) expect((await ask('/a')).status).toBe(200);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await program.stop()).toBe(0);
  expect(program.logLines.filter(({ level }) => level !== 'info')).toEqual([]);
  expect(sink.datagrams).toEqual([]);
});

test('A unix socket takes datagrams, also one that comes late.', async () => {
  const path = makeSocketPath();
  const { s3, program, ask } = await startTelemetryScene({
    statsd: `address: "unix:${path}"\n  flush_interval: 100ms`,
  });
  s3.put('a', 'object');
  await waitUntil(() => program.logLines.some(({ msg }) => msg === UNREACHABLE), 'the warning');
  const datagrams = listenOn(path);
  for (let count = 0; count < 20; count += 1) expect((await ask('/a')).status).toBe(200);
  expect(await program.stop()).toBe(0);
  await waitUntil(() => datagrams.join('').includes('s3-helper.stop:1|c'), 'the last line');
  expect(sumCounters(datagrams.join('\n').split('\n')).get('s3-helper.responses.root.200')).toBe(20);
  expect(program.logLines.filter(({ msg }) => msg === UNREACHABLE)).toHaveLength(1);
});

test('Where the package for unix sockets is missing, the daemon says so in one sentence and serves.', async () => {
  const { s3, program, ask, askAdmin } = await startTelemetryScene({
    statsd: 'address: "unix:/nonexistent/statsd.sock"\n  flush_interval: 100ms',
    environment: {
      NODE_OPTIONS: `--import=${WITHOUT_PACKAGE.href}`,
      MISSING_PACKAGE: `node-unix-socket-${process.platform}-${process.arch}`,
    },
  });
  s3.put('a', 'object');
  expect((await ask('/a')).status).toBe(200);
  expect((await askAdmin('/metrics')).status).toBe(200);
  expect(await program.stop()).toBe(0);
  const errors = program.logLines.filter(({ level }) => level === 'error');
  expect(errors).toHaveLength(1);
  expect(errors[0]?.['msg']).toMatch(
    /^no metrics are sent: .* needs the optional npm package node-unix-socket/,
  );
});

test('Etsy’s form says a number below zero as such, not as a change.', async () => {
  const { s3, sink, program, ask } = await startTelemetryScene();
  s3.put('a', 'object');
  s3.clock.offsetMs = -2 * 3_600_000;
  expect((await ask('/a')).status).toBe(200);
  await waitUntil(
    () => sink.lines().some((line) => line.startsWith('s3-helper.clock_offset:-')),
    'the offset',
  );
  const lines = sink.lines();
  const index = lines.findIndex((line) => line.startsWith('s3-helper.clock_offset:-'));
  expect(lines[index]).toMatch(/^s3-helper\.clock_offset:-7(?:199|200)(?:\.\d+)?\|g$/);
  expect(lines[index - 1]).toBe('s3-helper.clock_offset:0|g');
  await program.stop();
});

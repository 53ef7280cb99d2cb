import { expect, test } from 'vitest';
import { findSecrets } from '../support/open-scene.ts';
import { sendRequest } from '../support/send-request.ts';
import { waitUntil } from '../support/with-deadline.ts';
import { readMetric, startTelemetryScene } from './start-telemetry-scene.ts';

interface Status {
  readonly last_failures: readonly {
    key: string;
    ended_at: string;
    failure: string | null;
    s3_error_code: string | null;
  }[];
  readonly daemon: { readonly is_draining: boolean };
}

test('the newest fifty failures are told with their S3 request ids, and none that are the client’s', async () => {
  const { s3, ask, askAdmin } = await startTelemetryScene({ yaml: 'retries: {attempts: 1}\nworkers: 2' });
  s3.inject({ kind: 'status', status: 500, code: 'InternalError' }, { times: Infinity });
  for (let index = 0; index < 60; index += 1) await ask(`/failing-${index}`);
  s3.clearFaults();
  await ask('/missing');
  await ask('/%zz');
  const { last_failures: failures } = JSON.parse((await askAdmin('/status.json')).text) as Status;
  expect(failures).toHaveLength(50);
  // Of two that end in one millisecond, in two processes, either may be the newer.
  expect(failures.map(({ key }) => key).toSorted()).toEqual(
    Array.from({ length: 50 }, (_, index) => `failing-${10 + index}`).toSorted(),
  );
  const times = failures.map(({ ended_at }) => ended_at);
  expect(times).toEqual(times.toSorted().toReversed());
  for (const failure of failures) {
    expect(failure).toMatchObject({ status: 500, s3_error_code: 'InternalError', route: '/' });
    expect(failure).toMatchObject({ s3_request_id: expect.stringMatching(/^[0-9A-F]{16}$/) as string });
  }
});

test('neither a secret nor a key is in any metric', async () => {
  const { s3, sink, program, ask, askAdmin } = await startTelemetryScene();
  s3.put('top/secret-film.mp4', 'object');
  await ask('/top/secret-film.mp4?versionId=secret-version');
  await ask('/top/secret-film.mp4');
  await ask('/another-secret');
  const { text } = await askAdmin('/metrics');
  const status = (await askAdmin('/status.json')).text;
  expect(await program.stop()).toBe(0);
  await sink.untilLine('s3-helper.stop:1|c');
  const sent = sink.datagrams.join('\n');
  expect(sent).toContain('s3-helper.responses.root.200:');
  expect(findSecrets(text + sent + status)).toEqual([]);
  expect(text + sent).not.toContain('secret');
});

test('while the daemon drains it says so, to the last', async () => {
  const { s3, sink, program, askAdmin } = await startTelemetryScene();
  s3.put('long', { size: 4_000_000 });
  s3.inject({ kind: 'stall', at: 1_000_000 }, { key: 'long' });
  const ready = await askAdmin('/readyz');
  expect(ready.status).toBe(200);
  const download = sendRequest(program.port, '/long');
  await s3.waitFor(() => s3.seen.some(({ state }) => state === 'stalled'), 'the stall');
  const { text } = await askAdmin('/metrics');
  expect(readMetric(text, 's3_helper_requests_in_flight')).toEqual(new Map([['', 1]]));
  expect(readMetric(text, 's3_helper_s3_connections')).toEqual(
    new Map([
      ['state="open"', 1],
      ['state="busy"', 1],
      ['state="waiting"', 0],
    ]),
  );

  program.signal('SIGTERM');
  await waitUntil(() => program.logLines.some(({ msg }) => msg === 'draining'), 'the drain');
  expect((await askAdmin('/readyz')).status).toBe(503);
  const drained = (await askAdmin('/metrics')).text;
  expect(readMetric(drained, 's3_helper_draining')).toEqual(new Map([['', 1]]));
  expect(readMetric(drained, 's3_helper_workers').get('state="draining"')).toBe(1);
  s3.release();
  expect((await download).isComplete).toBe(true);
  expect(await program.exited).toBe(0);
  await sink.untilLine('s3-helper.stop:1|c');
  // The download ended after the drain began, and is counted all the same.
  expect(sink.lines()).toContain('s3-helper.responses.root.200:1|c');
});

test('with two workers the daemon is one: states are summed, and its own start is told once', async () => {
  const { s3, askAdmin, ask } = await startTelemetryScene({ yaml: 'workers: 2' });
  s3.put('a', 'object');
  for (let count = 0; count < 4; count += 1) await ask('/a');
  const { text } = await askAdmin('/metrics');
  expect(readMetric(text, 's3_helper_workers')).toEqual(
    new Map([
      ['state="starting"', 0],
      ['state="serving"', 2],
      ['state="draining"', 0],
    ]),
  );
  const [startedAt] = readMetric(text, 'process_start_time_seconds').values();
  expect(Math.abs((startedAt ?? 0) - Date.now() / 1000)).toBeLessThan(60);
  // Three processes, each of which needs tens of megabytes.
  const [resident] = readMetric(text, 'process_resident_memory_bytes').values();
  expect(resident).toBeGreaterThan(100_000_000);
  expect(readMetric(text, 's3_helper_credentials_refreshes_total').size).toBe(1);
});

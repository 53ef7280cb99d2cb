import { expect, test } from 'vitest';
import { waitUntil } from '../support/with-deadline.ts';
import { sumMetric, startTelemetryScene, type TelemetryScene } from '../telemetry/start-telemetry-scene.ts';

/** Serves requests on connections of their own, which are dealt out in turn. */
async function ask(scene: TelemetryScene, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) expect((await scene.ask('/a')).status).toBe(200);
}

async function countRequests({ askAdmin }: TelemetryScene): Promise<number> {
  return sumMetric((await askAdmin('/metrics')).text, 's3_helper_requests_total');
}

function listWorkers({ program }: TelemetryScene): number[] {
  const pids = program.logLines.filter(({ msg }) => msg === 'request').map(({ pid }) => pid as number);
  return [...new Set(pids)];
}

test('what a worker counted stays in the sums when it is killed, and when it is replaced', async () => {
  const scene = await startTelemetryScene({ yaml: 'workers: 2' });
  scene.s3.put('a', 'object');
  await ask(scene, 20);
  await waitUntil(() => listWorkers(scene).length === 2, 'both workers');
  // Asked for, so that the supervisor has all of it.
  expect(await countRequests(scene)).toBe(20);

  const seen: number[] = [];
  const watch = (async () => {
    while (seen.at(-1) !== 60) seen.push(await countRequests(scene));
  })();
  const [victim] = listWorkers(scene);
  process.kill(victim!, 'SIGKILL');
  await waitUntil(
    () => scene.program.logLines.some(({ msg }) => msg === 'a worker has ended; another is started'),
    'the end of a worker',
  );
  await ask(scene, 20);
  scene.program.signal('SIGHUP');
  await ask(scene, 20);
  await watch;
  // Never less than before: Prometheus takes a smaller sum for a new start.
  expect(seen).toEqual(seen.toSorted((one, other) => one - other));
  expect(seen[0]).toBeGreaterThanOrEqual(20);
});

test('what a worker counted a second before it is killed stays, though nobody asked for it', async () => {
  const scene = await startTelemetryScene({ yaml: 'workers: 2', statsd: 'flush_interval: 1h' });
  scene.s3.put('a', 'object');
  await ask(scene, 10);
  await waitUntil(() => listWorkers(scene).length === 2, 'both workers');
  await new Promise((resolve) => setTimeout(resolve, 1500));
  for (const pid of listWorkers(scene)) process.kill(pid, 'SIGKILL');
  await waitUntil(
    () =>
      scene.program.logLines.filter(({ msg }) => msg === 'a worker has ended; another is started').length ===
      2,
    'the end of both workers',
  );
  expect(await countRequests(scene)).toBe(10);
});

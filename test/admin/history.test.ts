import { describe, expect, test } from 'vitest';
import { History, type Series } from '../../src/admin/history.ts';
import { takeSample } from '../../src/admin/sample.ts';
import { MetricsFeed } from './metrics-feed.ts';

const SPAN_MS = 60_000;
const WINDOW_MS = 10_000;

class Scene {
  readonly feed = new MetricsFeed();
  readonly history = new History({ spanMs: SPAN_MS, windowMs: WINDOW_MS });

  async look(afterMs: number): Promise<void> {
    this.feed.nowMs += afterMs;
    this.history.add(takeSample(await this.feed.snapshot()));
  }

  column(name: Series): (number | null)[] {
    return this.history.pointsAfter(0).map((point) => point[name]);
  }
}

describe('A point', () => {
  test('is what happened since the one before, by the second', async () => {
    const scene = new Scene();
    scene.feed.feed(1000);
    await scene.look(0);
    scene.feed.feed(10, { bytes: 500 });
    scene.feed.feed(4, { route: '/avod/', bytes: 0, status: 404, s3ErrorCode: 'NoSuchKey' });
    scene.feed.feed(2, {
      status: 503,
      s3ErrorCode: 'SlowDown',
      attempts: 3,
      causes: ['503 SlowDown', 's3_reset'],
      bytes: 0,
    });
    scene.feed.feed(6, {
      failure: 'client_gone',
      status: 499,
      hedges: 1,
      causes: ['hedge'],
      resumes: 2,
      bytes: 0,
    });
    scene.feed.serving = {
      requestsInFlight: 7,
      requestsQueued: 3,
      connections: { open: 20, busy: 7, waiting: 1 },
    };
    await scene.look(2000);
    expect(scene.history.pointsAfter(0)).toEqual([
      {
        at: scene.feed.nowMs / 1000,
        requests_per_second: 11,
        bytes_per_second: 2500,
        first_byte_p50_ms: expect.closeTo(20) as number,
        first_byte_p95_ms: expect.closeTo(24.5) as number,
        first_byte_p99_ms: expect.closeTo(24.9) as number,
        total_p50_ms: expect.closeTo(32.5) as number,
        total_p95_ms: expect.closeTo(39.25) as number,
        total_p99_ms: expect.closeTo(39.85) as number,
        s3_per_second: 1,
        credentials_per_second: 0,
        denied_per_second: 0,
        s3_4xx_per_second: 2,
        refused_per_second: 0,
        left_per_second: 3,
        daemon_per_second: 0,
        retries_per_second: 2,
        hedges_per_second: 3,
        resumes_per_second: 6,
        in_flight: 7,
        queued: 3,
        s3_connections_open: 20,
        s3_connections_busy: 7,
        s3_connections_waiting: 1,
      },
    ]);
  });

  test('of a time without requests has no latencies', async () => {
    const scene = new Scene();
    await scene.look(0);
    await scene.look(2000);
    expect(scene.column('first_byte_p95_ms')).toEqual([null]);
    expect(scene.column('requests_per_second')).toEqual([0]);
  });
});

describe('The history', () => {
  test('goes back as far as it should and no further', async () => {
    const scene = new Scene();
    for (let look = 0; look < 100; look += 1) await scene.look(2000);
    const times = scene.column('at').map((at) => scene.feed.nowMs - Number(at) * 1000);
    expect([times[0], times.at(-1), times.length]).toEqual([SPAN_MS, 0, SPAN_MS / 2000 + 1]);
    expect(scene.feed.nowMs - (scene.history.before(scene.feed.nowMs)?.atMs ?? 0)).toBe(WINDOW_MS);
  });

  test('gives what came after a point', async () => {
    const scene = new Scene();
    for (let look = 0; look < 6; look += 1) await scene.look(2000);
    const times = scene.column('at').map(Number);
    expect(scene.history.pointsAfter(times[2]!).map(({ at }) => at)).toEqual(times.slice(3));
  });

  test('measures against the oldest sample while it is young', async () => {
    const scene = new Scene();
    expect(scene.history.before(scene.feed.nowMs)).toBeUndefined();
    await scene.look(0);
    const { nowMs } = scene.feed;
    await scene.look(2000);
    expect(scene.history.before(scene.feed.nowMs)?.atMs).toBe(nowMs);
  });

  test('knows what was usual before the window', async () => {
    const scene = new Scene();
    await scene.look(0);
    for (const requests of [2, 4, 6, 400, 4]) {
      scene.feed.feed(requests);
      await scene.look(2000);
    }
    expect(scene.history.findUsual('requests_per_second', scene.feed.nowMs)).toBeUndefined();
    for (let look = 0; look < 5; look += 1) {
      scene.feed.feed(1000);
      await scene.look(2000);
    }
    expect(scene.history.findUsual('requests_per_second', scene.feed.nowMs)).toBe(2);
  });

  test('begins anew when the clock is put back', async () => {
    const scene = new Scene();
    for (let look = 0; look < 5; look += 1) await scene.look(2000);
    await scene.look(-3_600_000);
    expect(scene.column('at')).toEqual([]);
    await scene.look(2000);
    expect(scene.column('at')).toEqual([scene.feed.nowMs / 1000]);
  });
});

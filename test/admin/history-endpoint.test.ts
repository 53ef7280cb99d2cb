import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SAMPLE_INTERVAL_MS } from '../../src/admin/telemetry-watch.ts';
import { useAdmin } from './open-admin.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const scene = useAdmin();

interface HistoryDocument {
  readonly version: number;
  readonly interval_ms: number;
  readonly span_ms: number;
  readonly series: Readonly<Record<string, readonly number[]>>;
}

async function readHistory(query = ''): Promise<HistoryDocument> {
  return JSON.parse((await scene.ask(`/history.json${query}`)).text) as HistoryDocument;
}

/** Lets the listener look once more, and waits until it has. */
async function look(): Promise<void> {
  const known = (await readHistory()).series['at']?.length;
  scene.feed.nowMs += SAMPLE_INTERVAL_MS;
  await vi.advanceTimersByTimeAsync(SAMPLE_INTERVAL_MS);
  await vi.waitFor(async () => {
    expect((await readHistory()).series['at']?.length).toBe((known ?? 0) + 1);
  }, 5000);
}

test('it has a point for every look, whoever asks for it and when', async () => {
  // What is in the first sample is of a time before it.
  await scene.ask('/status.json');
  expect(await readHistory()).toMatchObject({ version: 1, interval_ms: 2000, series: { at: [] } });
  for (const requests of [10, 0, 30]) {
    scene.feed.feed(requests);
    await look();
  }
  const { series, span_ms: spanMs } = await readHistory();
  expect(series['requests_per_second']).toEqual([5, 0, 15]);
  expect(series['first_byte_p50_ms']?.map((value) => (value as number | null) === null)).toEqual([
    false,
    true,
    false,
  ]);
  expect(spanMs).toBe(30 * 60_000);
});

test('it gives what came after a moment, and everything where that is none', async () => {
  for (let count = 0; count < 4; count += 1) await look();
  const { at = [] } = (await readHistory()).series;
  expect(at).toHaveLength(4);
  expect((await readHistory(`?after=${at[1]}`)).series['at']).toEqual(at.slice(2));
  expect((await readHistory(`?after=${at[3]}`)).series['at']).toEqual([]);
  for (const query of ['?after=', '?after=x', '?after=-1', '?before=5', '?'])
    expect((await readHistory(query)).series['at']).toEqual(at);
});

test('a look that fails leaves a gap, and the next one goes on', async () => {
  const { feed } = scene;
  await look();
  const { serving } = feed;
  Object.defineProperty(feed, 'serving', {
    configurable: true,
    get: () => {
      throw new Error('no worker answers');
    },
  });
  feed.nowMs += SAMPLE_INTERVAL_MS;
  await vi.advanceTimersByTimeAsync(SAMPLE_INTERVAL_MS);
  expect(await scene.ask('/status.json')).toMatchObject({ status: 503 });
  Object.defineProperty(feed, 'serving', { configurable: true, value: serving });
  await look();
  const { at = [] } = (await readHistory()).series;
  expect(at[1]! - at[0]!).toBe((2 * SAMPLE_INTERVAL_MS) / 1000);
});

import { expect, test } from 'vitest';
import { useScene } from '../support/open-scene.ts';
import type { Answer } from '../support/send-request.ts';
import { untilStill } from '../support/until-still.ts';

const MOST_REQUESTS = 8;
const MOST_QUEUED = 8;
const QUEUE_MS = 400;
const BURST = 200;

const scene = useScene({
  settings: {
    'limits.max_requests': String(MOST_REQUESTS),
    'limits.max_queued': String(MOST_QUEUED),
    'limits.queue_time': `${QUEUE_MS}ms`,
    'timeouts.first_byte': '10s',
  },
});

/** An answer, and when it came, in milliseconds after the burst. */
interface Timed {
  readonly answer: Answer;
  readonly afterMs: number;
}

test('Of a burst as much is served as is allowed at a time, and all others hear 503 and Retry-After quickly.', async () => {
  scene.s3.put('a', 'object');
  scene.s3.inject({ kind: 'stall', at: 'before-head' }, { times: MOST_REQUESTS });
  const startedAtMs = performance.now();
  const refused: Timed[] = [];
  const asked = Array.from({ length: BURST }, async (): Promise<Timed> => {
    const answer = await scene.ask('/a');
    const timed = { answer, afterMs: performance.now() - startedAtMs };
    if (answer.status === 503) refused.push(timed);
    return timed;
  });
  // The queue is full from the first moment on, and those in it wait for their time.
  await untilStill(() => refused.length, 2 * QUEUE_MS);
  expect(refused).toHaveLength(BURST - MOST_REQUESTS);
  expect(scene.s3.seen).toHaveLength(MOST_REQUESTS);
  scene.s3.release();
  const all = await Promise.all(asked);

  const served = all.filter(({ answer }) => answer.status === 200);
  expect(served.map(({ answer }) => answer.text)).toEqual(served.map(() => 'object'));
  expect(served).toHaveLength(MOST_REQUESTS);
  expect(refused.map(({ answer }) => [answer.status, answer.headers['retry-after']])).toEqual(
    refused.map(() => [503, '1']),
  );
  const inOrder = refused.map(({ afterMs }) => afterMs).sort((a, b) => a - b);
  expect(inOrder[BURST - MOST_REQUESTS - MOST_QUEUED - 1]).toBeLessThan(inOrder.at(-MOST_QUEUED)!);
  expect(inOrder.at(-MOST_QUEUED)).toBeGreaterThan(0.9 * QUEUE_MS);
  expect(inOrder.at(-1)).toBeLessThan(QUEUE_MS + 2000);
  expect(scene.proxy.reports.filter(({ failure }) => failure === 'overloaded')).toHaveLength(refused.length);
  expect(await scene.ask('/a')).toMatchObject({ status: 200, text: 'object' });
});

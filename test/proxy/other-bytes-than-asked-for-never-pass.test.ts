import { describe, expect, test } from 'vitest';
import { useScene } from '../support/open-scene.ts';

const scene = useScene();

const DIGITS = '0123456789';

/** No byte of the object came through, and nothing of the doubtful answer was left behind. */
async function expectRefused(
  target: string,
  headers: Record<string, string>,
  failure: string,
  otherwise = failure,
): Promise<void> {
  const answer = await scene.ask(target, { headers });
  expect([answer.status, answer.isComplete]).toEqual([502, true]);
  expect(answer.text).toContain('<Code>BadGateway</Code>');
  // Its random digits may be anything.
  const text = answer.text.replace(/<RequestId>.*<\/RequestId>/, '');
  expect(text).not.toMatch(/\d{3,}<|234|345/);
  const report = await scene.proxy.nextReport();
  expect(report).toMatchObject({ status: 502, bytes: answer.body.length });
  expect([failure, otherwise]).toContain(report.failure);
  // Whole by its framing, or given up: nothing of a doubtful answer waits at S3, to be taken for the next.
  const isOver = (): boolean => scene.s3.seen.every(({ state }) => state === 'done' || state === 'abandoned');
  await scene.s3.waitFor(isOver, "the end of S3's answer");
}

describe('A 206 for another range is 502 without a byte of it:', () => {
  test.each([
    ['shifted', { kind: 'content-range', shiftBytes: 1 }],
    ['missing', { kind: 'content-range', value: null }],
    ['of another start', { kind: 'content-range', value: 'bytes 3-5/10' }],
    ['of another end', { kind: 'content-range', value: 'bytes 2-4/10' }],
    ['backwards', { kind: 'content-range', value: 'bytes 5-2/10' }],
    ['beyond the size', { kind: 'content-range', value: 'bytes 2-5/5' }],
    ['of unknown size', { kind: 'content-range', value: 'bytes 2-5/*' }],
    ['of another unit', { kind: 'content-range', value: 'items 2-5/10' }],
    ['unsatisfied', { kind: 'content-range', value: 'bytes */10' }],
    ['no range', { kind: 'content-range', value: 'nonsense' }],
    ['empty', { kind: 'content-range', value: '' }],
  ] as const)('Content-Range %s', async (_, fault) => {
    scene.s3.put('a', DIGITS);
    scene.s3.inject(fault);
    await expectRefused('/a', { Range: 'bytes=2-5' }, 's3_wrong_range');
  });

  test.each([
    ['bytes=-3', 'bytes 6-8/10'],
    ['bytes=-3', 'bytes 6-9/10'],
    ['bytes=-3', 'bytes 7-9/11'],
    ['bytes=7-', 'bytes 7-8/10'],
    ['bytes=7-', 'bytes 6-9/10'],
    ['bytes=5-100', 'bytes 5-8/10'],
  ])('%s and Content-Range %s', async (range, value) => {
    scene.s3.put('a', DIGITS);
    scene.s3.inject({ kind: 'content-range', value });
    await expectRefused('/a', { Range: range }, 's3_wrong_range');
  });

  test('shifted, and the head of a HEAD says so', async () => {
    scene.s3.put('a', DIGITS);
    scene.s3.inject({ kind: 'content-range', shiftBytes: 1 });
    const answer = await scene.ask('/a', { method: 'HEAD', headers: { Range: 'bytes=2-5' } });
    expect(answer.status).toBe(502);
  });

  test('that nobody asked for', async () => {
    scene.s3.inject({
      kind: 'raw',
      bytes: 'HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-2/10\r\nContent-Length: 3\r\n\r\n345',
      then: 'stall',
    });
    await expectRefused('/a', {}, 's3_wrong_range');
  });

  test('for several ranges, but of one that makes no sense', async () => {
    scene.s3.inject({
      kind: 'raw',
      bytes: 'HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 5-2/10\r\nContent-Length: 3\r\n\r\n345',
      then: 'stall',
    });
    await expectRefused('/a', { Range: 'bytes=0-1,3-4' }, 's3_wrong_range');
  });
});

test('A Content-Length that contradicts Content-Range is 502.', async () => {
  for (const delta of [5, -1]) {
    scene.s3.put('a', DIGITS);
    scene.s3.inject({ kind: 'content-length', delta, then: 'stall' });
    // A client may see that there is more than the length says before anybody looks at the range.
    await expectRefused('/a', { Range: 'bytes=2-5' }, 's3_wrong_range', 's3_bad_response');
  }
});

test('After any of these a request on the same client connection gets its own answer.', async () => {
  scene.s3.put('a', DIGITS);
  const connection = scene.connect();
  for (let round = 0; round < 3; round += 1) {
    scene.s3.inject({ kind: 'content-range', shiftBytes: 1 });
    expect(await connection.get('/a', 'Range: bytes=2-5').readResponse()).toMatchObject({ status: 502 });
    expect(await connection.get('/a', 'Range: bytes=2-5').readResponse()).toMatchObject({
      status: 206,
      text: '2345',
    });
  }
});

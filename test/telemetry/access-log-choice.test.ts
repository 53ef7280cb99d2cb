import { describe, expect, test } from 'vitest';
import { useScene } from '../support/open-scene.ts';

describe('With access errors', () => {
  const scene = useScene({ accessLog: true, settings: { 'log.access': 'errors' } });

  test('good requests have no line, and others have theirs.', async () => {
    scene.s3.put('a', 'object');
    scene.s3.inject({ kind: 'finish', at: 3 }, { key: 'a', nth: 2 });
    await scene.ask('/a');
    await scene.ask('/a').catch(() => undefined);
    await scene.ask('/missing');
    await scene.ask('/../a');
    await scene.connect().send('nonsense\r\n\r\n').untilClosed();
    for (let count = 0; count < 4; count += 1) await scene.proxy.nextReport();
    expect(scene.proxy.logLines.map(({ msg, status, failure }) => [msg, status, failure])).toEqual([
      ['request', 200, 'body_cut'],
      ['request', 404, undefined],
      ['request', 400, 'dot_segment'],
      ['not a request', undefined, 'malformed_request'],
    ]);
  });
});

describe('With access off', () => {
  const scene = useScene({ accessLog: true, settings: { 'log.access': 'off' } });

  test('no request has a line, nor has what is none.', async () => {
    scene.s3.put('a', 'object');
    await scene.ask('/a');
    await scene.ask('/missing');
    await scene.connect().send('nonsense\r\n\r\n').untilClosed();
    for (let count = 0; count < 2; count += 1) await scene.proxy.nextReport();
    expect(scene.proxy.logLines).toEqual([]);
  });
});

describe('With a sample of a half', () => {
  const scene = useScene({ accessLog: true, settings: { 'log.sample': '0.5' } });

  test('about every other good request has a line, which says so, and each other has its own.', async () => {
    scene.s3.put('a', 'object');
    const targets = Array.from({ length: 200 }, (_, index) => (index % 2 === 0 ? '/a' : '/missing'));
    for (let first = 0; first < targets.length; first += 20)
      await Promise.all(targets.slice(first, first + 20).map((target) => scene.ask(target)));
    for (let count = 0; count < targets.length; count += 1) await scene.proxy.nextReport();
    const { logLines } = scene.proxy;
    expect(logLines.filter(({ status }) => status === 404)).toHaveLength(100);
    expect(logLines.every(({ status, sample }) => sample === (status === 200 ? 0.5 : undefined))).toBe(true);
    // Six standard deviations of a binomial distribution to each side.
    const goodCount = logLines.filter(({ status }) => status === 200).length;
    expect(goodCount).toBeGreaterThan(20);
    expect(goodCount).toBeLessThan(80);
  });
});

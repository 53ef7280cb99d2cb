import { describe, expect, onTestFinished, test } from 'vitest';
import { startFakeS3 } from '../servers/fake-s3.ts';
import { toProxyOptions } from '../support/open-scene.ts';
import { startProxy } from '../support/start-proxy.ts';
import { diagnoseHere, toSettings } from './diagnose-here.ts';
import { useS3 } from './use-s3.ts';

const s3 = useS3();

const COMPOSED = 'séries/épisode.mp4'.normalize('NFC');
const DECOMPOSED = COMPOSED.normalize('NFD');

describe('the encoding:', () => {
  const look = async (key: string, more: Readonly<Record<string, string>> = {}) =>
    (await diagnoseHere({ settings: toSettings(s3.current, more), key })).of('encoding');

  test.each([
    ['show/clip.mp4', '/show/clip.mp4'],
    ["my videos/a+b (1) [x] 'q' 100%.mp4", '/my%20videos/a%2Bb%20%281%29%20%5Bx%5D%20%27q%27%20100%25.mp4'],
    ['日本/é?#&;=~!*.mp4', '/%E6%97%A5%E6%9C%AC/%C3%A9%3F%23%26%3B%3D~%21%2A.mp4'],
  ])('%s is found', async (key, encoded) => {
    s3.current.put(key, 'a film');
    expect(await look(key)).toMatchObject({
      status: 'ok',
      says: `${encoded} is there, however it is percent-encoded`,
    });
  });

  test('below the prefix and in a route of its own', async () => {
    s3.current.put('hd/a b.mp4', 'a film');
    const { of, results } = await diagnoseHere({
      settings: toSettings(s3.current),
      routes: '[{path: /avod/, bucket: media, prefix: hd}]',
      key: 'avod/a b.mp4',
    });
    expect(of('encoding')).toMatchObject({ status: 'ok', subject: '/avod/' });
    expect(results.filter(({ check }) => check === 'first-byte')).toMatchObject([{ subject: '/avod/' }]);
  });

  test('a key that is not there', async () => {
    expect(await look('show/clap.mp4')).toMatchObject({
      status: 'fail',
      says: 'there is no show/clap.mp4 in media',
      fix: expect.stringContaining('aws s3 ls s3://media/') as string,
    });
  });

  test.each([
    ['composed for decomposed', COMPOSED, DECOMPOSED, /decomposed form of Unicode \(NFD\)/],
    ['decomposed for composed', DECOMPOSED, COMPOSED, /composed form of Unicode \(NFC\)/],
    ['a plus for a space', 'a+b.mp4', 'a b.mp4', /it is there with spaces for plus signs/],
    ['a space for a plus', 'a b.mp4', 'a+b.mp4', /it is there with plus signs for spaces/],
    ['an encoded key', 'a%20b.mp4', 'a b.mp4', /give the key as it is, not percent-encoded/],
    ['a leading slash', 'a.mp4', '/a.mp4', /ask for it with two slashes/],
  ])('a mistake that explains it: %s', async (_, asked, stored, fix) => {
    s3.current.put(stored, 'a film');
    expect(await look(asked)).toMatchObject({ status: 'fail', fix: expect.stringMatching(fix) as string });
  });

  test('a mistake that explains it: the prefix twice', async () => {
    s3.current.put('films/a.mp4', 'a film');
    expect(await look('films/a.mp4', { 's3.prefix': 'films' })).toMatchObject({
      status: 'fail',
      fix: expect.stringContaining('leave s3.prefix out of the key') as string,
    });
  });

  test('a key that no route leads to', async () => {
    const { of } = await diagnoseHere({
      settings: { 's3.endpoint': s3.current.endpoint, 's3.region': s3.current.region },
      routes: '[{path: /avod/, bucket: media}]',
      key: 'show/clip.mp4',
    });
    expect(of('encoding')).toMatchObject({
      status: 'fail',
      says: 'no route leads from /show/clip.mp4 to a bucket',
      fix: expect.stringContaining('put the path of a route before the key') as string,
    });
  });

  test('a dot segment', async () => {
    const { of } = await diagnoseHere({ settings: toSettings(s3.current), key: 'show/../clip.mp4' });
    expect(of('permissions')).toMatchObject({
      status: 'fail',
      says: 'dot_segment: A path segment of one or two dots is not served',
      fix: expect.stringContaining('rename the object') as string,
    });
  });

  test('a key that is too long', async () => {
    const { of } = await diagnoseHere({ settings: toSettings(s3.current), key: 'x'.repeat(1025) });
    expect(of('permissions')).toMatchObject({
      status: 'fail',
      fix: expect.stringContaining('shorten the key') as string,
    });
  });

  test('no key is no fault, and says what to give', async () => {
    const { of } = await diagnoseHere({ settings: toSettings(s3.current) });
    for (const check of ['encoding', 'first-byte'])
      expect(of(check)).toMatchObject({ status: 'skip', says: 'give a key after --key' });
  });
});

describe('the first byte:', () => {
  test('is timed in ten requests', async () => {
    const { of } = await diagnoseHere({ settings: toSettings(s3.current), key: 'show/clip.mp4' });
    const { status, says, facts } = of('first-byte');
    expect(status).toBe('ok');
    expect(says).toMatch(/^over http, 10 requests: [\d.]+ ms min, [\d.]+ ms median, [\d.]+ ms max$/);
    const { min_ms: min, median_ms: median, max_ms: max } = facts as Record<string, number>;
    expect(min).toBeGreaterThan(0);
    expect(median).toBeGreaterThanOrEqual(min!);
    expect(max).toBeGreaterThanOrEqual(median!);
    // One for the checks before, and ten.
    expect(s3.current.seen.filter(({ key }) => key === 'show/clip.mp4')).toHaveLength(11);
  });

  test('that is late leads to the region and the way there', async () => {
    s3.current.inject(
      { kind: 'stall', at: 'before-head', forMs: 250 },
      { key: 'show/clip.mp4', nth: 2, times: 7 },
    );
    const { of } = await diagnoseHere({ settings: toSettings(s3.current), key: 'show/clip.mp4' });
    const found = of('first-byte');
    expect(found).toMatchObject({
      status: 'warn',
      fix: expect.stringContaining('run the daemon in the region of the bucket') as string,
    });
    expect(Number(found.facts?.['median_ms'])).toBeGreaterThan(200);
    expect(Number(found.facts?.['min_ms'])).toBeLessThan(200);
  });
});

describe('a running daemon:', () => {
  test('serves the same object however it is encoded', async () => {
    s3.current.put('a b+é.mp4', 'a film');
    const proxy = await startProxy(toProxyOptions(s3.current));
    onTestFinished(() => proxy.close());
    const settings = toSettings(s3.current, { listen: `127.0.0.1:${proxy.port}` });
    const { of } = await diagnoseHere({ settings, key: 'a b+é.mp4' });
    expect(of('serving')).toMatchObject({
      status: 'ok',
      says: "the same object as S3's, percent-encoded in 4 ways",
    });
    const asked = proxy.reports.map(({ method, status }) => `${method ?? ''} ${status}`);
    expect(asked).toEqual(['GET 404', 'HEAD 200', 'HEAD 200', 'HEAD 200', 'HEAD 200']);
  });

  test('runs with another configuration', async () => {
    const other = await startFakeS3();
    onTestFinished(() => other.close());
    const proxy = await startProxy(toProxyOptions(other));
    onTestFinished(() => proxy.close());
    const settings = toSettings(s3.current, { listen: `127.0.0.1:${proxy.port}` });
    const look = async () => (await diagnoseHere({ settings, key: 'show/clip.mp4' })).of('serving');
    expect(await look()).toMatchObject({
      status: 'fail',
      says: 'the daemon answers 404 for HEAD /show/clip.mp4, and S3 has it',
      fix: expect.stringContaining('restart the daemon with this configuration') as string,
    });
    other.put('show/clip.mp4', 'another film');
    expect(await look()).toMatchObject({
      status: 'fail',
      says: 'the daemon gives another object than S3 for HEAD /show/clip.mp4',
    });
  });

  test('that does not run is not asked', async () => {
    const { of } = await diagnoseHere({ settings: toSettings(s3.current), key: 'show/clip.mp4' });
    expect(of('serving')).toMatchObject({ status: 'skip', says: 'no s3-helper runs there' });
  });
});

import { describe, expect, test } from 'vitest';
import { useScene } from '../support/open-scene.ts';

const scene = useScene();

/** Ten bytes, each its own offset. */
const DIGITS = '0123456789';

describe.each(['GET', 'HEAD'] as const)('%s', (method) => {
  const bodyOf = (text: string): string => (method === 'HEAD' ? '' : text);

  test.each([
    ['bytes=0-0', 'bytes 0-0/10', '0'],
    ['bytes=2-5', 'bytes 2-5/10', '2345'],
    ['bytes=9-9', 'bytes 9-9/10', '9'],
    ['bytes=0-9', 'bytes 0-9/10', DIGITS],
    ['bytes=5-100', 'bytes 5-9/10', '56789'],
    ['bytes=0-999999999999999', 'bytes 0-9/10', DIGITS],
    ['bytes=7-', 'bytes 7-9/10', '789'],
    ['bytes=0-', 'bytes 0-9/10', DIGITS],
    ['bytes=-1', 'bytes 9-9/10', '9'],
    ['bytes=-3', 'bytes 7-9/10', '789'],
    ['bytes=-100', 'bytes 0-9/10', DIGITS],
    ['bytes=007-008', 'bytes 7-8/10', '78'],
    ['bytes=8-99999999999999999999', 'bytes 8-9/10', '89'],
  ])('%s is 206 with %s.', async (range, contentRange, text) => {
    scene.s3.put('a', DIGITS);
    const answer = await scene.ask('/a', { method, headers: { Range: range } });
    expect(answer).toMatchObject({
      status: 206,
      text: bodyOf(text),
      isComplete: true,
      headers: { 'content-range': contentRange, 'content-length': String(text.length) },
    });
    expect(scene.onlySeen().header('range')).toBe(range);
    expect(await scene.proxy.nextReport()).toMatchObject({
      status: 206,
      range,
      bytes: answer.body.length,
      failure: undefined,
    });
  });

  test.each([
    'bytes=0-1,3-4',
    'bytes=0-0, -1',
    'bytes=5-2',
    'bytes=a-b',
    'bytes=',
    'bytes=-',
    'bytes',
    'items=0-1',
    'seconds=0-',
    '',
    '0-1',
    'bytes=1-2-3',
    'bytes=0x1-2',
    'bytes=99999999999999999999-',
  ])('%j is no single range: S3 decides, and its answer comes whole.', async (range) => {
    scene.s3.put('a', DIGITS);
    const answer = await scene.ask('/a', { method, headers: { Range: range } });
    expect(scene.onlySeen().header('range')).toBe(range);
    const report = await scene.proxy.nextReport();
    expect(report.failure).toBeUndefined();
    if (scene.onlySeen().status === 416) {
      expect(answer.status).toBe(416);
    } else {
      expect(answer).toMatchObject({ status: 200, text: bodyOf(DIGITS), isComplete: true });
      expect(answer.headers['content-length']).toBe('10');
    }
  });

  test('A 200 for a range, as a server may send it, is passed on as the whole object that it is.', async () => {
    scene.s3.put('a', DIGITS);
    scene.s3.inject({ kind: 'whole-for-range' });
    const answer = await scene.ask('/a', { method, headers: { Range: 'bytes=2-5' } });
    expect(answer).toMatchObject({ status: 200, text: bodyOf(DIGITS), isComplete: true });
    expect(answer.headers['content-range']).toBeUndefined();
  });

  test('An empty object is 200 with no bytes, and has no range.', async () => {
    scene.s3.put('empty', '');
    expect(await scene.ask('/empty', { method })).toMatchObject({
      status: 200,
      text: '',
      isComplete: true,
      headers: { 'content-length': '0' },
    });
    for (const range of ['bytes=0-0', 'bytes=0-', 'bytes=-1']) {
      const answer = await scene.ask('/empty', { method, headers: { Range: range } });
      expect([answer.status, answer.headers['content-range']]).toEqual([
        416,
        method === 'HEAD' ? undefined : 'bytes */0',
      ]);
    }
  });
});

test('Several ranges in one multipart body, as other servers send them, are passed on as they are.', async () => {
  const body =
    '--x\r\nContent-Range: bytes 0-0/10\r\n\r\n0\r\n--x\r\nContent-Range: bytes 9-9/10\r\n\r\n9\r\n--x--\r\n';
  scene.s3.inject({
    kind: 'raw',
    bytes:
      'HTTP/1.1 206 Partial Content\r\nContent-Type: multipart/byteranges; boundary=x\r\n' +
      `Content-Length: ${body.length}\r\n\r\n${body}`,
    then: 'keep',
  });
  const answer = await scene.ask('/a', { headers: { Range: 'bytes=0-0,9-9' } });
  expect(answer).toMatchObject({
    status: 206,
    text: body,
    isComplete: true,
    headers: { 'content-type': 'multipart/byteranges; boundary=x' },
  });
});

import { describe, expect, test } from 'vitest';
import { useScene } from '../support/open-scene.ts';

const scene = useScene();

test('A 200 with neither a length nor chunks is 502: its end and a cut would look the same.', async () => {
  scene.s3.put('a', 'object');
  scene.s3.inject({ kind: 'until-close' });
  const answer = await scene.ask('/a');
  expect([answer.status, answer.isComplete]).toEqual([502, true]);
  expect(answer.text).not.toContain('object');
  expect(await scene.proxy.nextReport()).toMatchObject({
    status: 502,
    s3Status: 200,
    failure: 's3_bad_response',
  });
});

test('A HEAD without a length is passed on: there is no body to be cut.', async () => {
  scene.s3.put('a', 'object');
  scene.s3.inject({ kind: 'until-close' });
  const answer = await scene.ask('/a', { method: 'HEAD' });
  expect([answer.status, answer.headers['content-length']]).toEqual([200, undefined]);
});

test('A 206 without a length but with its range has the length of the range.', async () => {
  scene.s3.put('a', '0123456789');
  scene.s3.inject({ kind: 'until-close' });
  const answer = await scene.ask('/a', { headers: { Range: 'bytes=2-5' } });
  expect(answer).toMatchObject({
    status: 206,
    text: '2345',
    isComplete: true,
    headers: { 'content-length': '4' },
  });
});

test('A 200 in chunks is relayed in chunks, and both connections go on.', async () => {
  const body = 'object '.repeat(20_000);
  scene.s3.put('a', body);
  const connection = scene.connect();
  for (let round = 0; round < 2; round += 1) {
    scene.s3.inject({ kind: 'chunked', damage: 'none' });
    const response = await connection.get('/a').readResponse();
    expect([
      response.status,
      response.header('transfer-encoding'),
      response.header('content-length'),
    ]).toEqual([200, 'chunked', undefined]);
    expect(response.text === body).toBe(true);
    expect(await scene.proxy.nextReport()).toMatchObject({
      status: 200,
      bytes: body.length,
      failure: undefined,
    });
  }
  expect(scene.s3.connectionsMade()).toBe(1);
});

test('A 206 in chunks has the length of its range.', async () => {
  scene.s3.put('a', '0123456789');
  scene.s3.inject({ kind: 'chunked', damage: 'none' });
  const answer = await scene.ask('/a', { headers: { Range: 'bytes=2-5' } });
  expect(answer).toMatchObject({ status: 206, text: '2345', headers: { 'content-length': '4' } });
});

describe('Framing that can be read in two ways is 502:', () => {
  test.each([
    ['two lengths', 'Content-Length: 3\r\nContent-Length: 6'],
    ['a length and chunks', 'Content-Length: 6\r\nTransfer-Encoding: chunked'],
    ['a length that is none', 'Content-Length: six'],
    ['a negative length', 'Content-Length: -6'],
    ['a hexadecimal length', 'Content-Length: 0x6'],
    ['a list of lengths', 'Content-Length: 6, 6'],
    ['a length beyond every number', 'Content-Length: 99999999999999999999999'],
    ['a folded header', 'Content-Length: 6\r\nX-Folded: a\r\n b'],
    ['a space before the colon', 'Content-Length : 6'],
    ['a header without a name', ': 6\r\nContent-Length: 6'],
    ['a bare LF', 'Content-Length: 6\nX-Foo: bar'],
  ])('%s', async (_, framing) => {
    scene.s3.inject({
      kind: 'raw',
      bytes: `HTTP/1.1 200 OK\r\n${framing}\r\n\r\n6\r\nobject\r\n0\r\n\r\n`,
      then: 'stall',
    });
    const answer = await scene.ask('/a');
    // What a client's parser takes for well-formed may pass, but then as what the head promises.
    if (answer.status === 200) expect(answer.text).toBe('6\r\nobj');
    else expect([answer.status, answer.isComplete]).toEqual([502, true]);
    await scene.proxy.nextReport();
  });
});

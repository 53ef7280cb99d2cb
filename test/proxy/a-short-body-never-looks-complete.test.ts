import { describe, expect, test } from 'vitest';
import type { Fault } from '../servers/fake-s3-faults.ts';
import type { Connection } from '../support/connection.ts';
import { parseResponse } from '../support/parse-response.ts';
import { useScene } from '../support/open-scene.ts';

const scene = useScene({ settings: { 'timeouts.body_stall': '300ms' } });

const SIZE = 400_000;
const CUT_AT = 150_000;

/** Ways for S3's body to end too soon, and what the report calls them. */
const CUTS: readonly (readonly [string, Fault, string])[] = [
  ['a FIN', { kind: 'finish', at: CUT_AT }, 'body_cut'],
  ['a RST', { kind: 'reset', at: CUT_AT }, 'body_cut'],
  ['a FIN after the first byte', { kind: 'finish', at: 1 }, 'body_cut'],
  ['a RST after the first byte', { kind: 'reset', at: 1 }, 'body_cut'],
  ['a FIN before the last byte', { kind: 'finish', at: SIZE - 1 }, 'body_cut'],
  ['a stall', { kind: 'stall', at: CUT_AT }, 'body_stall'],
  ['a length that was too large, and a FIN', { kind: 'content-length', delta: 10 }, 'body_cut'],
];

const DAMAGED_CHUNKS: readonly (readonly [string, Fault, string])[] = [
  ['chunks without their end', { kind: 'chunked', damage: 'no-end' }, 'body_cut'],
  ['a chunk that is too short', { kind: 'chunked', damage: 'short-chunk' }, 'body_stall'],
];

/** Splits what came at the end of the first head. */
function splitHead(connection: Connection): [head: string, body: Buffer] {
  const at = connection.received.indexOf('\r\n\r\n') + 4;
  return [connection.received.toString('latin1', 0, at), connection.received.subarray(at)];
}

describe.each(CUTS)("When %s ends S3's body", (_, fault, failure) => {
  test('the client sees its connection cut, and never the head of an answer in the place of media.', async () => {
    const object = scene.s3.put('a', { size: SIZE });
    scene.s3.put('b', 'next');
    scene.s3.inject(fault, { key: 'a' });
    const connection = scene.connect().get('/a').get('/b');
    await connection.untilClosed();

    const [head, body] = splitHead(connection);
    expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(head).toMatch(/\r\nContent-Length: 4000(00|10)\r\n/);
    expect(body.length).toBeLessThan(Number(/Content-Length: (\d+)/.exec(head)?.[1]));
    expect(body.equals(Buffer.from(object.source.read(0, body.length)))).toBe(true);
    // The request behind it was never answered, and so never asked.
    expect(scene.s3.seen.map(({ key }) => key)).toEqual(['a']);
    expect(await scene.proxy.nextReport()).toMatchObject({ status: 200, failure, key: 'a' });
    expect(scene.proxy.reports).toHaveLength(1);
    await scene.s3.waitFor(() => scene.s3.openConnections() === 0, "the end of S3's connection");

    expect(await scene.ask('/b')).toMatchObject({ status: 200, text: 'next' });
  });
});

test.each(['finish', 'reset'] as const)('A range is cut in the same way (%s).', async (kind) => {
  scene.s3.put('a', { size: SIZE * 2 });
  scene.s3.inject({ kind, at: SIZE - 1 });
  const answer = await scene.ask('/a', { headers: { Range: `bytes=${SIZE}-${SIZE * 2 - 1}` } });
  expect([answer.status, answer.isComplete]).toEqual([206, false]);
});

describe.each(DAMAGED_CHUNKS)('When %s end(s) a body in chunks', (_, fault, failure) => {
  test('the client gets no last chunk.', async () => {
    scene.s3.put('a', 'object');
    scene.s3.put('b', 'next');
    scene.s3.inject(fault, { key: 'a' });
    const connection = scene.connect().get('/a').get('/b');
    await connection.untilClosed();
    expect(connection.received.toString()).toContain('\r\nTransfer-Encoding: chunked\r\n');
    expect(parseResponse(connection.received, { method: 'GET', isEnded: true })).toBeUndefined();
    expect(scene.s3.seen.map(({ key }) => key)).toEqual(['a']);
    expect(await scene.proxy.nextReport()).toMatchObject({ status: 200, failure });
    expect(await scene.ask('/b')).toMatchObject({ status: 200, text: 'next' });
  });
});

test('Where a body came in chunks, a client of HTTP/1.0, which takes a FIN for the end, gets a RST.', async () => {
  scene.s3.put('a', 'object');
  scene.s3.inject({ kind: 'chunked', damage: 'no-end' });
  const connection = scene.connect().send('GET /a HTTP/1.0\r\n\r\n');
  expect(await connection.untilClosed()).toBe('reset');
  expect(await scene.proxy.nextReport()).toMatchObject({ failure: 'body_cut' });
});

describe.each([
  ['a FIN', { kind: 'finish', at: 0 }, 502, 'body_cut'],
  ['a RST', { kind: 'reset', at: 0 }, 502, 'body_cut'],
  ['a stall', { kind: 'stall', at: 0 }, 504, 'body_stall'],
  ['a chunk of no size', { kind: 'chunked', damage: 'bad-size' }, 502, 'body_cut'],
] as const)("When %s ends S3's body before its first byte", (_, fault, status, failure) => {
  test('there is still time for a status.', async () => {
    scene.s3.put('a', { size: SIZE });
    scene.s3.inject(fault);
    const answer = await scene.ask('/a');
    expect([answer.status, answer.isComplete]).toEqual([status, true]);
    expect(await scene.proxy.nextReport()).toMatchObject({ status, failure, bytes: answer.body.length });
    expect(await scene.ask('/a')).toMatchObject({ status: 200, isComplete: true });
  });
});

test('A client of HTTP/1.0 sees a cut by the length that it was told.', async () => {
  scene.s3.put('a', { size: SIZE });
  scene.s3.inject({ kind: 'finish', at: CUT_AT });
  const connection = scene.connect().send('GET /a HTTP/1.0\r\n\r\n');
  await connection.untilClosed();
  const [head, body] = splitHead(connection);
  expect(head).toContain('\r\nContent-Length: 400000\r\n');
  expect(body.length).toBeLessThan(SIZE);
});

test("What follows a body that is longer than promised is nobody's answer.", async () => {
  scene.s3.put('b', 'next');
  scene.s3.inject({
    kind: 'raw',
    bytes:
      'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nobjectHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil',
    then: 'keep',
  });
  const connection = scene.connect().get('/a').get('/b');
  // As long as promised, or, where all came at once, not believed at all.
  const { status, text } = await connection.readResponse();
  expect(status === 200 ? text : status).toSatisfy((got) => got === 'object' || got === 502);
  expect(await connection.readResponse()).toMatchObject({ status: 200, text: 'next' });
  expect(await scene.ask('/b')).toMatchObject({ status: 200, text: 'next' });
});

test('A body that drips without a stall is not cut.', async () => {
  scene.s3.put('a', 'object '.repeat(10));
  scene.s3.inject({ kind: 'drip', bytes: 7, everyMs: 120 });
  const answer = await scene.ask('/a');
  expect([answer.text, answer.isComplete]).toEqual(['object '.repeat(10), true]);
  expect(await scene.proxy.nextReport()).toMatchObject({ status: 200, failure: undefined });
});

import { describe, expect, test } from 'vitest';
import { useScene } from '../support/open-scene.ts';

const scene = useScene();

function head(target: string, fillerBytes: number): string {
  return `GET ${target} HTTP/1.1\r\nHost: localhost\r\nX-Filler: ${'x'.repeat(fillerBytes)}\r\n\r\n`;
}

test('A head of 15 KiB is served, and none of it but the question reaches S3.', async () => {
  scene.s3.put('a', 'object');
  const connection = scene.connect().send(head('/a', 15 * 1024));
  expect(await connection.readResponse()).toMatchObject({ status: 200, text: 'object' });
  expect(JSON.stringify(scene.onlySeen().rawHeaders)).not.toContain('xxx');
});

test('A head of many short headers within the limit is served.', async () => {
  scene.s3.put('a', 'object');
  const lines = Array.from({ length: 700 }, (_, index) => `X-${index}: y`);
  expect(
    await scene
      .connect()
      .get('/a', ...lines)
      .readResponse(),
  ).toMatchObject({ status: 200, text: 'object' });
});

describe('It is 431 and the end of the connection, and the client gets to read it:', () => {
  test.each([
    ['a header of 17 KiB', head('/a', 17 * 1024)],
    ['a header of 200 KiB', head('/a', 200 * 1024)],
    ['a header of 5 MiB', head('/a', 5 * 1024 * 1024)],
    ['a target of 17 KiB', head(`/${'k'.repeat(17 * 1024)}`, 0)],
    ['many headers', `GET /a HTTP/1.1\r\nHost: localhost\r\n${'X-Foo: bar\r\n'.repeat(3000)}\r\n`],
    ['a header without end', `GET /a HTTP/1.1\r\nHost: localhost\r\nX-Filler: ${'x'.repeat(40_000)}`],
  ])('%s', async (_, bytes) => {
    const connection = scene.connect().send(bytes);
    const response = await connection.readResponse();
    expect([response.status, response.header('connection')]).toEqual([431, 'close']);
    expect(response.text).toContain('<Code>RequestHeaderSectionTooLarge</Code>');
    await connection.untilClosed();
    expect(connection.received.length).toBe(0);
    expect(scene.s3.seen).toEqual([]);
    expect(scene.proxy.logLines).toMatchObject([{ level: 'info', failure: 'header_too_large' }]);
  });
});

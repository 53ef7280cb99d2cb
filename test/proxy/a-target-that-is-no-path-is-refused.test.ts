import { describe, expect, test } from 'vitest';
import { useScene } from '../support/open-scene.ts';

const scene = useScene();

describe('A bad percent-encoding is answered with 400:', () => {
  test.each(['/%', '/%z', '/%zz', '/a%2', '/a%2/b', '/%%20', '/a%g0', '/a%0g', '/%u0041', '/%+0'])(
    '%s',
    async (target) => {
      const answer = await scene.ask(target);
      expect(answer).toMatchObject({ status: 400, text: expect.stringContaining('hexadecimal') as string });
      expect(scene.s3.seen).toEqual([]);
      expect(await scene.proxy.nextReport()).toMatchObject({ status: 400, failure: 'bad_percent_encoding' });
    },
  );
});

describe('A target that is no path is answered with 400:', () => {
  test.each([
    'http://localhost/a',
    'http://media.s3.amazonaws.com/a',
    'https://127.0.0.1/',
    'HTTP://localhost/a',
    'localhost',
    '*',
  ])('GET %s', async (target) => {
    const connection = scene
      .connect()
      .send(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    expect(await connection.readResponse()).toMatchObject({ status: 400 });
    await connection.untilClosed();
    expect(connection.received.length).toBe(0);
    expect(scene.s3.seen).toEqual([]);
  });
});

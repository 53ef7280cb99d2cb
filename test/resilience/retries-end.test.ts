import { describe, expect, test } from 'vitest';
import { pass, useStagedScene } from './use-staged-scene.ts';

const scene = useStagedScene({ 'hedge.enabled': 'false' });

const DATE_OF = (inMs: number): string => new Date(Date.now() + inMs).toUTCString();

/** Refuses with 503 and this Retry-After. */
function slowDown(retryAfter: string): string {
  return `HTTP/1.1 503 Slow Down\r\nRetry-After: ${retryAfter}\r\nContent-Length: 0\r\n\r\n`;
}

describe('A client that leaves is asked for no more:', () => {
  test('in the pause before a retry', async () => {
    const connection = scene.askOnSocket();
    (await scene.s3.request(1)).send(slowDown('1'));
    // The pause begins when the connection of the answer is given back or up, which nobody announces.
    await pass(100);
    connection.destroy();
    expect(await scene.proxy.nextReport()).toMatchObject({
      failure: 'client_gone',
      status: 499,
      attempts: 1,
    });
    await pass(1200);
    expect(scene.s3.requests).toHaveLength(1);
  });

  test('in the second attempt', async () => {
    const connection = scene.askOnSocket();
    (await scene.s3.request(1)).reset();
    const second = await scene.s3.request(2);
    connection.destroy();
    await scene.s3.waitFor(() => second.isGone, 'the end of the second attempt');
    expect(await scene.proxy.nextReport()).toMatchObject({ failure: 'client_gone', attempts: 2 });
    await pass(300);
    expect(scene.s3.requests).toHaveLength(2);
  });

  test('in the request for the rest of a body', async () => {
    const connection = scene.askOnSocket();
    const first = await scene.s3.request(1);
    first.send('HTTP/1.1 200 OK\r\nETag: "a"\r\nContent-Length: 6\r\n\r\nobj');
    await connection.untilText('obj');
    first.reset();
    const second = await scene.s3.request(2);
    connection.destroy();
    await scene.s3.waitFor(() => second.isGone, 'the end of the request for the rest');
    expect(await scene.proxy.nextReport()).toMatchObject({ failure: 'client_gone', resumes: 1, bytes: 3 });
    await pass(300);
    expect(scene.s3.requests).toHaveLength(2);
  });

  test('in the rest of a body', async () => {
    const connection = scene.askOnSocket();
    const first = await scene.s3.request(1);
    first.send('HTTP/1.1 200 OK\r\nETag: "a"\r\nContent-Length: 6\r\n\r\nobj');
    await connection.untilText('obj');
    first.reset();
    const second = await scene.s3.request(2);
    second.send('HTTP/1.1 206 Part\r\nETag: "a"\r\nContent-Range: bytes 3-5/6\r\nContent-Length: 3\r\n\r\ne');
    await connection.untilText('obje');
    connection.destroy();
    await scene.s3.waitFor(() => scene.s3.openConnections() === 0, 'the end of all connections');
    expect(await scene.proxy.nextReport()).toMatchObject({ failure: 'client_gone', bytes: 4 });
    await pass(300);
    expect(scene.s3.requests).toHaveLength(2);
  });
});

describe('Retry-After', () => {
  test.each([
    ['in seconds', () => '1'],
    ['as a date', () => DATE_OF(2000)],
  ])('%s is waited for', async (_, retryAfter) => {
    const startedAtMs = performance.now();
    const answered = scene.ask();
    (await scene.s3.request(1)).send(slowDown(retryAfter()));
    (await scene.s3.request(2)).answer('object');
    expect(await answered).toMatchObject({ status: 200, text: 'object' });
    // A date has whole seconds only.
    expect(performance.now() - startedAtMs).toBeGreaterThan(950);
    expect(await scene.proxy.nextReport()).toMatchObject({ attempts: 2, causes: ['503'] });
  });

  test.each([
    ['in seconds', () => '30'],
    ['in very many seconds', () => '99999999'],
    ['as a date', () => DATE_OF(60_000)],
  ])('%s that is longer than what is left is passed on at once', async (_, retryAfter) => {
    const startedAtMs = performance.now();
    const asked = retryAfter();
    const answered = scene.ask();
    (await scene.s3.request(1)).send(slowDown(asked));
    const answer = await answered;
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, asked]);
    expect(performance.now() - startedAtMs).toBeLessThan(900);
    expect(scene.s3.requests).toHaveLength(1);
    expect(await scene.proxy.nextReport()).toMatchObject({ attempts: 1, failure: undefined, s3Status: 503 });
  });
});

describe('When retries.total is over', () => {
  test('no attempt is begun, and the client gets what S3 said last.', async () => {
    await scene.restart({ 'retries.total': '150ms', 'retries.attempts': '10' });
    const answered = scene.ask();
    (await scene.s3.request(1)).refuse(500, 'InternalError');
    const second = await scene.s3.request(2);
    await pass(200);
    second.refuse(502, 'BadGateway');
    const answer = await answered;
    expect([answer.status, /<Code>(.*)<\/Code>/.exec(answer.text)?.[1]]).toEqual([502, 'BadGateway']);
    expect(await scene.proxy.nextReport()).toMatchObject({
      attempts: 2,
      causes: ['500 InternalError'],
      status: 502,
      failure: undefined,
    });
    expect(scene.s3.requests).toHaveLength(2);
  });

  test('a break is a failure of ours.', async () => {
    await scene.restart({ 'retries.total': '150ms', 'retries.attempts': '10' });
    const answered = scene.ask();
    const first = await scene.s3.request(1);
    await pass(200);
    first.reset();
    expect(await answered).toMatchObject({ status: 502 });
    expect(await scene.proxy.nextReport()).toMatchObject({ attempts: 1, failure: 's3_reset' });
  });

  test('a body that breaks later is taken up all the same: for that the time begins anew.', async () => {
    await scene.restart({ 'retries.total': '150ms' });
    const connection = scene.askOnSocket();
    const first = await scene.s3.request(1);
    first.send('HTTP/1.1 200 OK\r\nETag: "a"\r\nContent-Length: 6\r\n\r\nobj');
    await connection.untilText('obj');
    await pass(200);
    first.reset();
    (await scene.s3.request(2)).reset();
    const third = await scene.s3.request(3);
    third.send(
      'HTTP/1.1 206 Part\r\nETag: "a"\r\nContent-Range: bytes 3-5/6\r\nContent-Length: 3\r\n\r\nect',
    );
    expect(await connection.readResponse()).toMatchObject({ status: 200, text: 'object' });
  });
});

test('Attempts get more time than the first: twice timeouts.first_byte.', async () => {
  await scene.restart({ 'timeouts.first_byte': '300ms' });
  const startedAtMs = performance.now();
  const answered = scene.ask();
  const second = await scene.s3.request(2);
  const secondAtMs = performance.now();
  await scene.s3.waitFor(() => second.isGone, 'the end of the second attempt');
  expect(secondAtMs - startedAtMs).toBeGreaterThan(250);
  expect(performance.now() - secondAtMs).toBeGreaterThan(550);
  (await scene.s3.request(3)).answer('object');
  expect(await answered).toMatchObject({ status: 200 });
  expect(await scene.proxy.nextReport()).toMatchObject({
    causes: ['s3_first_byte_timeout', 's3_first_byte_timeout'],
    attempts: 3,
  });
});

test('An error document that does not end holds nobody up.', async () => {
  await scene.restart({ 'timeouts.first_byte': '300ms', 'retries.attempts': '1' });
  const startedAtMs = performance.now();
  const answered = scene.ask();
  const first = await scene.s3.request(1);
  first.send('HTTP/1.1 403 No\r\nContent-Length: 99\r\n\r\n<Error><Code>AccessDenied</Code>');
  const answer = await answered;
  expect([answer.status, /<Code>(.*)<\/Code>/.exec(answer.text)?.[1]]).toEqual([403, 'AccessDenied']);
  expect(performance.now() - startedAtMs).toBeLessThan(2000);
  await scene.s3.waitFor(() => first.isGone, 'the end of its connection');
});

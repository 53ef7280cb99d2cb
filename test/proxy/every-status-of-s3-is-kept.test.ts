import { describe, expect, test } from 'vitest';
import { useScene } from '../support/open-scene.ts';

const scene = useScene();

describe.each(['GET', 'HEAD'] as const)('%s', (method) => {
  const isHead = method === 'HEAD';

  test.each([
    [400, 'InvalidArgument'],
    [401, 'Unauthorized'],
    [403, 'AccessDenied'],
    [403, 'InvalidObjectState'],
    [403, 'AllAccessDisabled'],
    [404, 'NoSuchKey'],
    [404, 'NoSuchBucket'],
    [404, 'NoSuchVersion'],
    [405, 'MethodNotAllowed'],
    [409, 'OperationAborted'],
    [412, 'PreconditionFailed'],
    [416, 'InvalidRange'],
    [429, 'TooManyRequests'],
    [500, 'InternalError'],
    [501, 'NotImplemented'],
    [502, 'BadGateway'],
    [503, 'SlowDown'],
    [503, 'ServiceUnavailable'],
    [504, 'GatewayTimeout'],
  ])('%i %s is passed on with its code.', async (status, code) => {
    scene.s3.inject({ kind: 'status', status, code }, { times: Infinity });
    const answer = await scene.ask('/a', { method });
    expect([answer.status, answer.isComplete]).toEqual([status, true]);
    expect(answer.text.includes(`<Code>${code}</Code>`)).toBe(!isHead);
    expect(answer.body.length).toBe(isHead ? 0 : Number(answer.headers['content-length']));
    const { length } = answer.body;
    expect(await scene.proxy.nextReport()).toMatchObject({
      method,
      status,
      bytes: length,
      s3Status: status,
      s3ErrorCode: isHead ? undefined : code,
      failure: undefined,
    });
  });

  test.each([301, 302, 307] as const)(
    '%i, with or without a place to go, is 502 and names no place.',
    async (status) => {
      scene.s3.inject({ kind: 'redirect', status, region: 'us-west-2' });
      scene.s3.inject({ kind: 'redirect', status, location: 'https://media.s3.us-west-2.amazonaws.com/a' });
      for (let round = 0; round < 2; round += 1) {
        const answer = await scene.ask('/a', { method });
        expect([answer.status, answer.headers.location]).toEqual([502, undefined]);
        expect(answer.text).not.toMatch(/us-west|amazonaws|elsewhere/);
        expect(await scene.proxy.nextReport()).toMatchObject({
          status: 502,
          s3Status: status,
          failure: 's3_redirect',
        });
      }
      expect(scene.s3.seen.map(({ target }) => target)).toEqual(['/media/a', '/media/a']);
    },
  );

  test.each([201, 202, 203, 204, 205, 207, 226, 299])('%i, which no object has, is 502.', async (status) => {
    scene.s3.inject({
      kind: 'raw',
      bytes: `HTTP/1.1 ${status} Odd\r\nContent-Length: 0\r\n\r\n`,
      then: 'finish',
    });
    const answer = await scene.ask('/a', { method });
    expect([answer.status, answer.isComplete]).toEqual([502, true]);
    expect(await scene.proxy.nextReport()).toMatchObject({
      status: 502,
      s3Status: status,
      failure: 's3_bad_response',
    });
  });

  test('A 503 asks the client to come back: as S3 says, or in a second.', async () => {
    scene.s3.inject({ kind: 'status', status: 503, code: 'SlowDown' }, { times: 1 });
    expect((await scene.ask('/a', { method })).headers['retry-after']).toBe('1');
    scene.s3.inject({ kind: 'status', status: 503, code: 'SlowDown', headers: { 'Retry-After': '7' } });
    expect((await scene.ask('/a', { method })).headers['retry-after']).toBe('7');
  });
});

test('A HEAD of a missing key has the head of the 404 and no body; the connection goes on.', async () => {
  scene.s3.put('a', 'object');
  const connection = scene.connect().send('HEAD /missing HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const missing = await connection.readResponse('HEAD');
  expect([missing.status, missing.header('content-type')]).toEqual([404, 'application/xml']);
  expect(await connection.get('/a').readResponse()).toMatchObject({ status: 200, text: 'object' });
});

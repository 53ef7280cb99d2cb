import { describe, expect, test } from 'vitest';
import { pass, useStagedScene } from './use-staged-scene.ts';

const LATE = { 'hedge.delay': '100ms', 'timeouts.first_byte': '5s' } as const;
/** Longer than the delay of a hedge, so that one which must not be would be there. */
const LONG_ENOUGH_MS = 400;

const scene = useStagedScene(LATE);

describe('While both are under way', () => {
  test('a first that breaks leaves it to the second.', async () => {
    const answered = scene.ask();
    const first = await scene.s3.request(1);
    const second = await scene.s3.request(2);
    first.reset();
    await scene.s3.waitFor(() => first.isGone, 'the end of the first connection');
    second.answer('object');
    expect(await answered).toMatchObject({ status: 200, text: 'object' });
    expect(await scene.proxy.nextReport()).toMatchObject({ attempts: 2, hedgesWon: 1, causes: ['hedge'] });
  });

  test('a second that breaks leaves it to the first.', async () => {
    const answered = scene.ask();
    const first = await scene.s3.request(1);
    const second = await scene.s3.request(2);
    second.reset();
    first.answer('object');
    expect(await answered).toMatchObject({ status: 200, text: 'object' });
    expect(await scene.proxy.nextReport()).toMatchObject({ attempts: 2, hedgesWon: 0, causes: ['hedge'] });
  });

  test.each([
    [503, 'SlowDown'],
    [500, 'InternalError'],
  ])('a %i of the second does not spoil what the first may bring.', async (status, code) => {
    await scene.restart({ 'retries.attempts': '1' });
    const answered = scene.ask();
    const first = await scene.s3.request(1);
    (await scene.s3.request(2)).refuse(status, code);
    await pass(50);
    first.answer('object');
    expect(await answered).toMatchObject({ status: 200, text: 'object' });
    const report = await scene.proxy.nextReport();
    expect(report).toMatchObject({ hedgesWon: 0, s3Status: 200, s3ErrorCode: undefined, failure: undefined });
  });

  test('a final answer of the one ends the other, be it an error.', async () => {
    const answered = scene.ask();
    const first = await scene.s3.request(1);
    (await scene.s3.request(2)).refuse(404, 'NoSuchKey');
    expect(await answered).toMatchObject({ status: 404 });
    await scene.s3.waitFor(() => first.isGone, 'the end of the first connection');
    expect(await scene.proxy.nextReport()).toMatchObject({
      status: 404,
      s3ErrorCode: 'NoSuchKey',
      attempts: 2,
    });
  });

  test('two that break are one attempt that failed.', async () => {
    await scene.restart({ 'retries.attempts': '1' });
    const answered = scene.ask();
    const first = await scene.s3.request(1);
    const second = await scene.s3.request(2);
    first.reset();
    second.send('nonsense\r\n\r\n');
    expect(await answered).toMatchObject({ status: 502, isComplete: true });
    const report = await scene.proxy.nextReport();
    expect(report).toMatchObject({ attempts: 2, hedges: 1, hedgesWon: 0, causes: ['hedge'] });
    expect(['s3_reset', 's3_bad_response']).toContain(report.failure);
  });

  test('two that break are tried again, as one attempt is.', async () => {
    const answered = scene.ask();
    await scene.s3.request(1);
    await scene.s3.request(2);
    scene.s3.requests.forEach((request) => request.reset());
    (await scene.s3.request(3)).answer('object');
    expect(await answered).toMatchObject({ status: 200 });
    expect(await scene.proxy.nextReport()).toMatchObject({ attempts: 3, causes: ['hedge', 's3_reset'] });
  });

  test('an error and a break are answered with the error.', async () => {
    await scene.restart({ 'retries.attempts': '1' });
    const answered = scene.ask();
    const first = await scene.s3.request(1);
    const second = await scene.s3.request(2);
    first.refuse(503, 'SlowDown');
    await pass(50);
    second.reset();
    expect(await answered).toMatchObject({ status: 503 });
    expect(await scene.proxy.nextReport()).toMatchObject({
      status: 503,
      s3Status: 503,
      s3ErrorCode: 'SlowDown',
    });
  });

  test('a client that leaves frees both.', async () => {
    const connection = scene.askOnSocket();
    await scene.s3.request(2);
    connection.destroy();
    await scene.s3.waitFor(() => scene.s3.openConnections() === 0, 'the end of both connections');
    expect(await scene.proxy.nextReport()).toMatchObject({
      failure: 'client_gone',
      status: 499,
      attempts: 2,
    });
    await pass(LONG_ENOUGH_MS);
    expect(scene.s3.requests).toHaveLength(2);
  });

  test('a client that leaves before frees the one, and there is no second.', async () => {
    const connection = scene.askOnSocket();
    await scene.s3.request(1);
    connection.destroy();
    await scene.s3.waitFor(() => scene.s3.openConnections() === 0, 'the end of the connection');
    await pass(LONG_ENOUGH_MS);
    expect(scene.s3.requests).toHaveLength(1);
    expect(await scene.proxy.nextReport()).toMatchObject({ failure: 'client_gone', attempts: 1, hedges: 0 });
  });
});

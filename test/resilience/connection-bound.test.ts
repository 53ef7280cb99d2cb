import { describe, expect, test } from 'vitest';
import type { Answer } from '../support/send-request.ts';
import { S3_CLIENT } from '../support/s3-client.ts';
import { pass, useStagedScene } from './use-staged-scene.ts';

const MOST = 3;
const QUESTIONS = 12;

describe('Over limits.max_connections', () => {
  const scene = useStagedScene({
    'hedge.enabled': 'false',
    'limits.max_connections': String(MOST),
    'timeouts.connect': '5s',
    'timeouts.first_byte': '5s',
  });

  test('requests wait for a connection, are served in their turn, and no more connections are opened.', async () => {
    const asked: Promise<Answer>[] = Array.from({ length: QUESTIONS }, () => scene.ask());
    for (let number = 1; number <= QUESTIONS; number += 1) {
      const request = await scene.s3.request(Math.min(number + MOST - 1, QUESTIONS));
      expect(request.connection).toBeLessThanOrEqual(MOST);
      scene.s3.requests[number - 1]!.answer('object');
    }
    const answers = await Promise.all(asked);
    expect(answers.map(({ status, text }) => [status, text])).toEqual(asked.map(() => [200, 'object']));
    expect(scene.proxy.reports.map(({ attempts, failure }) => [attempts, failure])).toEqual(
      asked.map(() => [1, undefined]),
    );
  });

  test('a connection that breaks makes room for another.', async () => {
    const asked = Array.from({ length: MOST + 1 }, () => scene.ask());
    await scene.s3.request(MOST);
    await pass(100);
    expect(scene.s3.requests).toHaveLength(MOST);
    scene.s3.requests[0]!.reset();
    await scene.s3.request(MOST + 1);
    expect(scene.s3.openConnections()).toBeLessThanOrEqual(MOST);
    scene.s3.requests.slice(1).forEach((request) => request.answer('object'));
    (await scene.s3.request(MOST + 2)).answer('object');
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(asked.map(() => 200));
  });

  test('a client that leaves while it waits takes no connection.', async () => {
    const asked = Array.from({ length: MOST }, () => scene.ask());
    await scene.s3.request(MOST);
    const leaver = scene.askOnSocket();
    await pass(100);
    leaver.destroy();
    expect(await scene.proxy.nextReport()).toMatchObject({
      failure: 'client_gone',
    });
    const last = scene.ask();
    scene.s3.requests[0]!.answer('object');
    (await scene.s3.request(MOST + 1)).answer('object');
    scene.s3.requests.slice(1, MOST).forEach((request) => request.answer('object'));
    expect(await last).toMatchObject({ status: 200 });
    await Promise.all(asked);
    expect(scene.s3.requests).toHaveLength(MOST + 1);
  });
});

describe('Where no connection is free for timeouts.connect', () => {
  const scene = useStagedScene({
    'hedge.enabled': 'false',
    'limits.max_connections': '1',
    'timeouts.connect': '200ms',
    'timeouts.first_byte': '5s',
  });

  test('the answer is 503 with Retry-After, quickly, and nothing is retried; with undici the request waits on.', async () => {
    const served = scene.ask();
    const first = await scene.s3.request(1);
    const startedAtMs = performance.now();
    const second = scene.ask();
    if (S3_CLIENT === 'wire') {
      const refused = await second;
      expect(performance.now() - startedAtMs).toBeLessThan(1000);
      expect([refused.status, refused.headers['retry-after']]).toEqual([503, '1']);
      expect(await scene.proxy.nextReport()).toMatchObject({
        failure: 'overloaded',
        causes: [],
      });
    } else {
      await pass(400);
    }
    expect(scene.s3.requests).toHaveLength(1);
    first.answer('object');
    expect(await served).toMatchObject({ status: 200, text: 'object' });
    if (S3_CLIENT === 'undici') {
      (await scene.s3.request(2)).answer('object');
      expect(await second).toMatchObject({ status: 200, text: 'object' });
    }
  });
});

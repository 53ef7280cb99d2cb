import { describe, expect, test } from 'vitest';
import { useScene } from '../support/open-scene.ts';
import { RESILIENT } from '../support/start-proxy.ts';
import { S3_CLIENT } from '../support/s3-client.ts';

const IDLE_CLOSE_MS = 20;

describe('Where S3 closes connections that were idle for a while', () => {
  const scene = useScene({ settings: RESILIENT, s3: { idleCloseMs: IDLE_CLOSE_MS } });

  test('a request that meets the FIN on its way is served all the same.', async () => {
    scene.s3.put('a', 'object');
    for (let request = 0; request < 60; request += 1) {
      expect(await scene.ask('/a')).toMatchObject({ status: 200, text: 'object' });
      // About as long as S3 waits, now a little less, now a little more.
      await new Promise((resolve) => setTimeout(resolve, IDLE_CLOSE_MS - 3 + (request % 6)));
    }
    expect(scene.proxy.reports.map(({ failure }) => failure)).toEqual(
      scene.proxy.reports.map(() => undefined),
    );
    expect(scene.s3.connectionsMade()).toBeGreaterThan(1);
  });
});

describe('Where S3 closes a connection with every tenth answer', () => {
  const scene = useScene({ settings: RESILIENT, s3: { requestsPerConnection: 10 } });

  test('no request is lost, however many come together.', async () => {
    const object = scene.s3.put('a', { size: 50_000 });
    const right = Buffer.from(object.source.read(0, 50_000));
    for (let round = 0; round < 10; round += 1) {
      const answers = await Promise.all(Array.from({ length: 30 }, () => scene.ask('/a')));
      expect(answers.every(({ status, body }) => status === 200 && body.equals(right))).toBe(true);
    }
    const { reports } = scene.proxy;
    expect(reports.map(({ failure }) => failure)).toEqual(reports.map(() => undefined));
    // But for hedges, where the machine is busy with other things.
    expect(reports.flatMap(({ causes }) => causes).filter((cause) => cause !== 'hedge')).toEqual([]);
    expect(scene.s3.connectionsMade()).toBeGreaterThanOrEqual(30);
  });
});

describe('Where S3 resets connections under use', () => {
  const scene = useScene({ settings: RESILIENT });

  test('a request on a connection that was used before is sent again at once, on a new one.', async () => {
    scene.s3.put('a', 'object');
    await scene.ask('/a');
    scene.s3.inject({ kind: 'reset', at: 'before-head' });
    const startedAtMs = performance.now();
    expect(await scene.ask('/a')).toMatchObject({ status: 200, text: 'object' });
    expect(performance.now() - startedAtMs).toBeLessThan(1000);
    const [first, second, third] = scene.s3.seen.map(({ connectionId }) => connectionId);
    expect([second, third]).toEqual([first, third]);
    expect(third).not.toBe(second);
  });
});

describe('Where retries are not allowed', () => {
  const scene = useScene({ settings: { ...RESILIENT, 'retries.attempts': '1' } });

  test('a request that meets a kept connection being closed is sent again all the same: that is free.', async () => {
    scene.s3.put('a', 'object');
    for (let time = 0; time < 3; time += 1) {
      await scene.ask('/a');
      scene.s3.inject({ kind: time === 1 ? 'reset' : 'finish', at: 'before-head' });
      // undici cannot tell, and so it costs an attempt there.
      expect((await scene.ask('/a')).status).toBe(S3_CLIENT === 'wire' ? 200 : 502);
    }
  });
});

describe('A slow reader', () => {
  const scene = useScene({ settings: RESILIENT });
  const SIZE = 40_000_000;

  test('is not told of breaks either, even those that happen while it reads nothing.', async () => {
    const object = scene.s3.put('a', { size: SIZE });
    for (const at of [9_000_000, 8_000_000, 7_000_000]) scene.s3.inject({ kind: 'reset', at });
    const connection = scene.connect();
    connection.get('/a', 'Connection: close');
    for (let pause = 0; pause < 6; pause += 1) {
      const target = connection.receivedBytes + 3_000_000;
      await connection.until(() => connection.receivedBytes >= target, 'three more megabytes');
      connection.socket.pause();
      await new Promise((resolve) => setTimeout(resolve, 100));
      connection.socket.resume();
    }
    await connection.untilClosed();
    const response = await connection.readResponse();
    expect([response.status, response.body.length]).toEqual([200, SIZE]);
    expect(response.body.equals(Buffer.from(object.source.read(0, SIZE)))).toBe(true);
    expect(await scene.proxy.nextReport()).toMatchObject({ resumes: 3, failure: undefined, bytes: SIZE });
  });
});

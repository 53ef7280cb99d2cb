import { expect, test } from 'vitest';
import type { CredentialSource } from '../../src/credentials/credential-source.ts';
import { FAKE_CREDENTIAL } from '../servers/fake-s3.ts';
import { startStagedS3 } from './staged-s3.ts';
import { pass, useStagedScene } from './use-staged-scene.ts';

const scene = useStagedScene({ 'hedge.delay': '10ms', 'timeouts.first_byte': '5s' });

test('Where credentials are late, it is not S3 that is asked twice.', async () => {
  const credentials = Promise.withResolvers<typeof FAKE_CREDENTIAL>();
  const credentialSource: CredentialSource = {
    current: () => undefined,
    waitForFirst: () => credentials.promise,
    replaceRefused: (refused) => Promise.resolve(refused),
    mayBeExpired: () => false,
  };
  await scene.restart({}, { credentialSource });
  const answered = scene.ask();
  await pass(100);
  credentials.resolve(FAKE_CREDENTIAL);
  (await scene.s3.request(1)).answer('object');
  expect(await answered).toMatchObject({ status: 200 });
  expect(scene.s3.requests).toHaveLength(1);
});

test('Of a thousand requests to a slow S3 at most one in twenty is made twice, and ten more.', async () => {
  // Each head later than the one before, so that the times seen so far never make the delay long enough.
  let delayMs = 15;
  const slow = await startStagedS3({
    onRequest: (request) => {
      delayMs += 0.05;
      setTimeout(() => request.answer('object'), delayMs);
    },
  });
  await scene.restart({ 's3.endpoint': `http://127.0.0.1:${slow.port}` });
  let asked = 0;
  const statuses: number[] = [];
  const clients = Array.from({ length: 40 }, async () => {
    while (asked < 1000) {
      asked += 1;
      statuses.push((await scene.ask()).status);
    }
  });
  await Promise.all(clients);
  expect(statuses).toEqual(Array.from({ length: 1000 }, () => 200));
  const hedges = scene.proxy.reports.reduce((sum, report) => sum + report.hedges, 0);
  expect(hedges).toBeGreaterThan(10);
  expect(hedges).toBeLessThanOrEqual(60);
  // A hedge whose connection is not open yet when the first head comes is never sent.
  expect(slow.requests.length).toBeLessThanOrEqual(1000 + hedges);
  await slow.close();
});

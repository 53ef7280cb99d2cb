import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createRoutes } from '../../src/daemon/create-routes.ts';
import { CredentialSnapshot } from '../../src/credentials/credential-snapshot.ts';
import { loadClients } from '../../src/s3/load-clients.ts';
import { SigningClock } from '../../src/s3/signing-clock.ts';
import { createLogger } from '../../src/telemetry/create-logger.ts';
import { loadText } from '../config/load-text.ts';
import { FakeClock } from '../support/fake-clock.ts';

const REQUEST = { method: 'GET', path: '/a', query: '' } as const;

test('Each route signs with the fast signer from the first request on, at the start and with new keys.', async () => {
  const snapshot = new CredentialSnapshot(new FakeClock(), 0);
  const first = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', expiresAtMs: undefined };
  snapshot.set(first);
  const routes = createRoutes({
    config: loadText('s3: {bucket: media, region: eu-west-1}'),
    credentials: {
      forRoute: () => ({
        current: () => snapshot.current,
        waitForFirst: () => snapshot.waitForFirst(),
        replaceRefused: (refused) => Promise.resolve(refused),
        mayBeExpired: () => false,
        onNew: (listener) => snapshot.onNew(listener),
      }),
    },
    clock: new SigningClock(() => undefined),
    createClient: await loadClients(['wire']),
    logger: createLogger({ level: 'silent', ident: 'test', destination: { write: () => undefined } }),
  });
  const { sign } = routes.entries[0]!.upstream.location;
  await manyTurns();
  expect(sign(REQUEST, first, 0)).toBeInstanceOf(Array);
  const second = { ...first, accessKeyId: 'AKIDOTHER' };
  snapshot.set(second);
  await manyTurns();
  expect(sign(REQUEST, second, 0)).toBeInstanceOf(Array);
  await routes.close();
});

/** A check takes a turn of the event loop for each of five requests; to ask whether it is over would begin it. */
async function manyTurns(): Promise<void> {
  for (let turn = 0; turn < 200; turn += 1) await setImmediate();
}

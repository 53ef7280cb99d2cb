import { expect, test } from 'vitest';
import { CredentialSnapshot } from '../../src/credentials/credential-snapshot.ts';
import { FakeClock } from '../support/fake-clock.ts';

const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };

test('Who listens for new credentials hears of those at hand, and of each other keys once.', () => {
  const snapshot = new CredentialSnapshot(new FakeClock(), 0);
  const heard: string[] = [];
  snapshot.set({ ...KEYS, expiresAtMs: undefined });
  snapshot.onNew(({ accessKeyId }) => heard.push(accessKeyId));
  snapshot.set({ ...KEYS, expiresAtMs: undefined });
  snapshot.set({ ...KEYS, accessKeyId: 'AKIDOTHER', expiresAtMs: undefined });
  expect(heard).toEqual(['AKIDEXAMPLE', 'AKIDOTHER']);
});

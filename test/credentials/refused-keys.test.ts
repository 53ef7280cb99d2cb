import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { SYSTEM_CLOCK } from '../../src/credentials/credential-clock.ts';
import { CredentialManager } from '../../src/credentials/credential-manager.ts';
import type { CredentialProvider, IssuedCredentials } from '../../src/credentials/issued-credentials.ts';
import { type FakeS3, startFakeS3 } from '../servers/fake-s3.ts';
import { sendRequest } from '../support/send-request.ts';
import { startProxy, type TestProxy } from '../support/start-proxy.ts';

const OLD: IssuedCredentials = issue('ASIAOLDOLDOLDOLDOLD1', 3_600_000);
const NEW: IssuedCredentials = issue('ASIANEWNEWNEWNEWNEW1', 3_600_000);

let s3: FakeS3;
let proxy: TestProxy;
let manager: CredentialManager;
let source: { issued: IssuedCredentials; fetches: number; isDown: boolean };

function issue(accessKeyId: string, lifeMs: number): IssuedCredentials {
  const token = `token-of-${accessKeyId}`;
  return {
    accessKeyId,
    secretAccessKey: `secret-of-${accessKeyId}`,
    sessionToken: token,
    expiresAtMs: Date.now() + lifeMs,
  };
}

function toKnown({ accessKeyId, secretAccessKey, sessionToken }: IssuedCredentials) {
  return { accessKeyId, secretAccessKey, sessionToken };
}

async function start(first: IssuedCredentials): Promise<void> {
  source = { issued: first, fetches: 0, isDown: false };
  const provider: CredentialProvider = {
    source: 'a test',
    watchedFiles: [],
    fetch: () => {
      source.fetches += 1;
      return source.isDown ? Promise.reject(new Error('down')) : Promise.resolve(source.issued);
    },
  };
  const events = { onRefreshed: () => undefined, onFailed: () => undefined };
  manager = new CredentialManager({ provider, clock: SYSTEM_CLOCK, firstWaitMs: 500, events });
  await manager.start();
  s3 = await startFakeS3({ credentials: [toKnown(NEW)] });
  s3.put('clip', 'the bytes of the clip');
  proxy = await startProxy({
    settings: { 's3.bucket': s3.bucket, 's3.region': s3.region, 's3.endpoint': s3.endpoint },
    credentialSource: manager,
  });
  onTestFinished(async () => {
    manager.stop();
    await proxy.close();
    await s3.close();
  });
}

beforeEach(() => start(OLD));

const REFUSALS = [
  [400, 'ExpiredToken'],
  [400, 'InvalidToken'],
  [400, 'TokenRefreshRequired'],
  [403, 'InvalidAccessKeyId'],
] as const;

test.each(REFUSALS)(
  '%i %s: one forced fetch, one more attempt, and the client sees only the good answer',
  async (status, code) => {
    s3.credentials.push(toKnown(OLD));
    s3.inject({ kind: 'status', status, code });
    source.issued = NEW;
    const answer = await sendRequest(proxy.port, '/clip');
    expect(answer).toMatchObject({ status: 200, text: 'the bytes of the clip' });
    expect(source.fetches).toBe(2);
    expect(s3.seen.map((seen) => /Credential=(\w+)/.exec(seen.header('authorization') ?? '')?.[1])).toEqual([
      OLD.accessKeyId,
      NEW.accessKeyId,
    ]);
    expect(await proxy.nextReport()).toMatchObject({ status: 200, attempts: 2, failure: undefined });
  },
);

test('credentials that changed while S3 was asked are used without another fetch', async () => {
  s3.credentials.push(toKnown(OLD));
  // Silent until it is released, and then the refusal.
  s3.inject({ kind: 'stall', at: 'before-head' });
  const stalled = sendRequest(proxy.port, '/clip');
  await s3.waitFor(() => s3.seen.length === 1, 'the request signed with the old keys');
  source.issued = NEW;
  await manager.refresh();
  expect(manager.current()).toBe(NEW);
  s3.release();
  await stalled;
  expect(await manager.replaceRefused(OLD)).toBe(NEW);
  expect(source.fetches).toBe(2);
});

test('where the source has nothing better the refusal is passed on, and the source is asked at most once in five seconds', async () => {
  for (let count = 0; count < 20; count += 1) {
    const answer = await sendRequest(proxy.port, '/clip');
    expect(answer.status).toBe(403);
    expect(answer.text).toContain('<Code>InvalidAccessKeyId</Code>');
    expect(answer.text).not.toContain(OLD.accessKeyId);
  }
  expect(source.fetches).toBe(2);
  expect(s3.seen.length).toBe(20);
});

test('two hundred refused at once cause one fetch', async () => {
  source.issued = NEW;
  const answers = await Promise.all(Array.from({ length: 200 }, () => sendRequest(proxy.port, '/clip')));
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  expect(source.fetches).toBe(2);
});

test('a HEAD has no code: it is cured when our clock says that the keys are at their end, and only then', async () => {
  source.issued = NEW;
  expect(await sendRequest(proxy.port, '/clip', { method: 'HEAD' })).toMatchObject({ status: 403 });
  expect(source.fetches).toBe(1);
  await proxy.close();
  await s3.close();
  await start(issue('ASIADYINGDYINGDYING1', 5000));
  source.issued = NEW;
  expect(await sendRequest(proxy.port, '/clip', { method: 'HEAD' })).toMatchObject({ status: 200 });
});

test('AccessDenied and SignatureDoesNotMatch are answers, not stale keys', async () => {
  s3.credentials.push(toKnown(OLD));
  for (const code of ['AccessDenied', 'SignatureDoesNotMatch']) {
    s3.inject({ kind: 'status', status: 403, code });
    expect(await sendRequest(proxy.port, '/clip')).toMatchObject({ status: 403 });
  }
  expect(source.fetches).toBe(1);
  expect(s3.seen.length).toBe(2);
});

test('credentials past their expiry are still used: AWS may have extended them', async () => {
  await proxy.close();
  await s3.close();
  const past = issue('ASIAPASTPASTPASTPAS1', -60_000);
  await start(past);
  source.isDown = true;
  s3.credentials.push(toKnown(past));
  expect(await sendRequest(proxy.port, '/clip')).toMatchObject({ status: 200 });
  expect(manager.status().isDegraded).toBe(true);
});

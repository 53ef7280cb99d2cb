import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createRotatingCredentials } from '../../src/demo/rotating-credentials.ts';
import { startFakeImds } from '../servers/fake-imds.ts';
import { startFakeS3 } from '../servers/fake-s3.ts';
import { sendRequest } from '../support/send-request.ts';
import { startProgram } from '../support/start-program.ts';
import { waitUntil } from '../support/with-deadline.ts';

const toFile = (keyId: string): string =>
  `[default]\naws_access_key_id = ${keyId}\naws_secret_access_key = secret-of-${keyId}\n`;
const toKnown = (keyId: string) => ({ accessKeyId: keyId, secretAccessKey: `secret-of-${keyId}` });

test('keys that are rotated in the shared credentials file are in use within seconds, before S3 refuses the old ones', async () => {
  const directory = mkdtempSync(join(tmpdir(), 's3-helper-rotated-'));
  const file = join(directory, 'credentials');
  writeFileSync(file, toFile('AKIAOLD'));
  const s3 = await startFakeS3({ credentials: [toKnown('AKIAOLD'), toKnown('AKIANEW')] });
  s3.put('clip', 'the bytes of the clip');
  const program = await startProgram({
    yaml: `listen: 127.0.0.1:0\ns3: {bucket: ${s3.bucket}, region: ${s3.region}, endpoint: "${s3.endpoint}"}\n`,
    environment: { AWS_SHARED_CREDENTIALS_FILE: file },
  });
  onTestFinished(async () => {
    await program.stop();
    await s3.close();
    rmSync(directory, { recursive: true });
  });
  expect((await sendRequest(program.port, '/clip')).status).toBe(200);
  writeFileSync(`${file}.new`, toFile('AKIANEW'));
  renameSync(`${file}.new`, file);
  await waitUntil(() => program.logLines.some(({ key_id }) => key_id === '…ANEW'), 'the new keys in the log');
  expect((await sendRequest(program.port, '/clip')).status).toBe(200);
  const signers = s3.seen.map((seen) => /Credential=(\w+)/.exec(seen.header('authorization') ?? '')?.[1]);
  expect(signers).toEqual(['AKIAOLD', 'AKIANEW']);
  expect(program.logLines.some(({ msg }) => msg === 'a credential file has changed')).toBe(true);
});

test('SIGHUP fetches the credentials at once', async () => {
  const keys = createRotatingCredentials({ lifetimeMs: 3_600_000, now: Date.now });
  const imds = await startFakeImds({
    roleName: 'media',
    region: 'eu-west-1',
    credentials: () => keys.current(),
  });
  const program = await startProgram({
    yaml: 'listen: 127.0.0.1:0\ns3: {bucket: media}\n',
    environment: { AWS_EC2_METADATA_SERVICE_ENDPOINT: imds.endpoint },
  });
  onTestFinished(async () => {
    await program.stop();
    await imds.close();
  });
  await waitUntil(() => imds.credentialFetches === 1, 'the first fetch');
  program.signal('SIGHUP');
  await waitUntil(() => imds.credentialFetches === 2, 'the fetch after SIGHUP');
  expect(program.logLines.find(({ origin }) => origin !== undefined)).toMatchObject({
    region: 'eu-west-1',
    origin: 'the instance metadata',
  });
  expect(program.logLines.find(({ credential_source }) => credential_source !== undefined)).toMatchObject({
    credential_source: 'instance metadata (IMDSv2)',
    key_id: `…${keys.current().accessKeyId.slice(-4)}`,
  });
});

import { randomBytes } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { HiddenSecrets } from '../../src/cli/doctor/hidden-secrets.ts';
import { issueCredentials } from '../../src/demo/rotating-credentials.ts';
import { startFakeImds } from '../servers/fake-imds.ts';
import { writeConfigFile } from '../cli/config-file.ts';
import { runProgram } from '../cli/run-program.ts';
import { useS3 } from './use-s3.ts';

const s3 = useS3();

const license = randomBytes(20).toString('hex');
const secret = 'PlantedSecret/With+Signs=' + randomBytes(8).toString('hex');
const token = 'PlantedToken+/=' + randomBytes(300).toString('base64');

function expectNone(texts: readonly string[], secrets: readonly string[]): void {
  const text = texts.join('\n');
  expect(text.length).toBeGreaterThan(200);
  for (const planted of secrets)
    for (const form of [planted, encodeURIComponent(planted)]) expect(text).not.toContain(form);
  expect(text).not.toMatch(/Signature=[0-9a-f]{8}|AWS4-HMAC-SHA256/);
}

test('no command that looks says a planted secret, be all well or S3 quoting it', async () => {
  const { endpoint } = s3.current;
  const file = writeConfigFile(
    `s3: {bucket: media, region: eu-west-1, endpoint: "${endpoint}"}\n` +
      `newrelic: {license: ${license}, name: media}\nlisten: 127.0.0.1:1\n`,
  );
  const known = { accessKeyId: 'AKIAPLANTEDPLANTED01', secretAccessKey: secret, sessionToken: token };
  const environment = {
    AWS_ACCESS_KEY_ID: known.accessKeyId,
    AWS_SECRET_ACCESS_KEY: secret,
    AWS_SESSION_TOKEN: token,
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  };
  const run = async (...args: readonly string[]): Promise<string> => {
    const { stdout, stderr } = await runProgram([...args, '--config', file], { environment });
    return stdout + stderr;
  };
  const examine = (): Promise<string[]> =>
    Promise.all([run('doctor', '--key', 'show/clip.mp4'), run('doctor', '--json', '--key', 'show/clip.mp4')]);
  const texts = await Promise.all([
    run('check'),
    run('check', '--newrelic-license', `${license}!`),
    run('wait', '--timeout', '100ms'),
  ]);
  // The keys are unknown, then known with another secret (S3 quotes the token), then right.
  texts.push(...(await examine()));
  s3.current.credentials.splice(0, 1, { ...known, secretAccessKey: 'another' });
  texts.push(...(await examine()));
  s3.current.credentials.splice(0, 1, known);
  texts.push(...(await examine()));
  expectNone(texts, [license, secret, token]);
  expect(texts.join('\n')).toContain('SignatureDoesNotMatch');
  expect(texts.join('\n')).toContain('S3 accepts the keys and the signature');
  // Of the key id the last four.
  expect(texts.join('\n')).toContain('…ED01');
  expect(texts.join('\n')).not.toContain(known.accessKeyId);
}, 60_000);

test('credentials of an instance are not said either, whole or broken', async () => {
  const issued = issueCredentials('secrets', Date.now(), 3_600_000);
  const imds = await startFakeImds({ roleName: 'reader', region: 'eu-west-1', credentials: () => issued });
  onTestFinished(() => imds.close());
  s3.current.credentials.push(issued);
  const run = async (): Promise<string> => {
    const { stdout, stderr } = await runProgram(
      ['doctor', '--json', '--config=/dev/null', '--s3-bucket=media', `--s3-endpoint=${s3.current.endpoint}`],
      {
        environment: {
          AWS_ACCESS_KEY_ID: '',
          AWS_SECRET_ACCESS_KEY: '',
          AWS_EC2_METADATA_DISABLED: '',
          AWS_EC2_METADATA_SERVICE_ENDPOINT: imds.endpoint,
          AWS_CONFIG_FILE: '/dev/null',
          AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
        },
      },
    );
    return stdout + stderr;
  };
  const texts = [await run()];
  expect(texts[0]).toContain('S3 accepts the keys and the signature');
  imds.inject({ kind: 'truncated' }, 'credentials');
  texts.push(await run());
  expect(texts[1]).toContain('"status": "fail"');
  expectNone(texts, [issued.secretAccessKey, issued.sessionToken]);
});

test('should a check ever say one, it is taken out', () => {
  const hidden = new HiddenSecrets();
  hidden.add('a secret+thing');
  hidden.add('short');
  hidden.add(undefined);
  const result = {
    says: 'got a secret+thing and short',
    facts: { url: '/?token=a%20secret%2Bthing', count: 3, isThere: true },
  };
  expect(hidden.hideIn(result)).toEqual({
    says: 'got … and short',
    facts: { url: '/?token=…', count: 3, isThere: true },
  });
});

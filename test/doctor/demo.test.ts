import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { startDemoImds } from '../../src/demo/demo-imds.ts';
import { startDemoS3 } from '../../src/demo/demo-s3.ts';
import { createRotatingCredentials } from '../../src/demo/rotating-credentials.ts';
import { storeObject } from '../../src/demo/stored-object.ts';
import { runProgram } from '../cli/run-program.ts';
import { startProgram } from '../support/start-program.ts';
import { ARN, startIdentityService } from './start-identity-service.ts';

const CLIP = readFileSync(new URL('../fixtures/media/clip.mp4', import.meta.url));
const KEY = 'show/clip.mp4';

/** What `s3-helper demo` starts, with the daemon in a process of its own. */
async function startDemo() {
  const keys = createRotatingCredentials({ lifetimeMs: 3_600_000, now: Date.now });
  const s3 = await startDemoS3({
    objects: new Map([[KEY, storeObject(CLIP, { contentType: 'video/mp4' })]]),
    bucket: 'demo-media',
    region: 'eu-west-1',
    credentials: () => [keys.current()],
  });
  onTestFinished(() => s3.close());
  const imds = await startDemoImds({
    roleName: 'demo-role',
    region: 'eu-west-1',
    credentials: () => keys.current(),
  });
  onTestFinished(() => imds.close());
  const environment = {
    AWS_EC2_METADATA_SERVICE_ENDPOINT: imds.endpoint,
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  };
  const yaml = `listen: 127.0.0.1:0\nadmin: {listen: "127.0.0.1:0"}\ns3: {bucket: demo-media, endpoint: "${s3.endpoint}"}\n`;
  const daemon = await startProgram({ yaml, environment });
  onTestFinished(async () => {
    await daemon.stop();
  });
  const sts = await startIdentityService({ credentials: () => [keys.current()], region: 'eu-west-1' });
  const args = ['--config=/dev/null', '--s3-bucket=demo-media', `--s3-endpoint=${s3.endpoint}`];
  return { args, environment, daemon, sts };
}

test('against the demo all is green', async () => {
  const { args, environment, daemon, sts } = await startDemo();
  const admin = String(daemon.logLines.find(({ msg }) => msg === 'listening')?.['admin']);
  const listen = [`--listen=127.0.0.1:${daemon.port}`, `--admin-listen=${admin}`];
  const { code, stdout, stderr } = await runProgram(['doctor', ...args, ...listen, '--key', KEY], {
    environment: {
      ...environment,
      AWS_ACCESS_KEY_ID: '',
      AWS_SECRET_ACCESS_KEY: '',
      AWS_EC2_METADATA_DISABLED: '',
      AWS_ENDPOINT_URL_STS: sts.endpoint,
    },
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const lines = stdout.trimEnd().split('\n');
  expect(lines.pop()).toBe('15 ok, 0 to look at, 0 failed, 0 skipped');
  expect(lines.filter((line) => !line.startsWith('ok  '))).toEqual([]);
  expect(lines).toHaveLength(15);
  expect(stdout).toContain(`held by a running s3-helper`);
  expect(stdout).toContain('IMDSv2 in ');
  expect(stdout).toContain(ARN);
  expect(stdout).toMatch(/^ok {4}admin +127\.0\.0\.1:\d+: ready$/m);
  expect(stdout).toContain("the same object as S3's");
});

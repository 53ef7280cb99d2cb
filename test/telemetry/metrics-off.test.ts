import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { FAKE_CREDENTIAL, startFakeS3 } from '../servers/fake-s3.ts';
import { sendRequest } from '../support/send-request.ts';
import { startProgram } from '../support/start-program.ts';

const RECORD_MODULES = new URL('../support/record-modules.ts', import.meta.url);

/** Packages and folders of which nothing is needed without a reader of metrics. */
const OF_METRICS =
  /\/node_modules\/(?:prom-client|hot-shots|node-unix-socket|@opentelemetry|tdigest)\/|\/src\/admin\//;

/** Serves a request and stops. @returns the modules that were loaded, by all processes */
async function listModules(yaml: string): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), 's3-helper-modules-'));
  const file = join(directory, 'modules');
  const s3 = await startFakeS3();
  onTestFinished(async () => {
    await s3.close();
    rmSync(directory, { recursive: true });
  });
  s3.put('a', 'object');
  const program = await startProgram({
    yaml: `listen: 127.0.0.1:0\ns3: {bucket: ${s3.bucket}, region: ${s3.region}, endpoint: "${s3.endpoint}"}\n${yaml}`,
    environment: {
      NODE_OPTIONS: `--import=${RECORD_MODULES.href}`,
      LOADED_MODULES_FILE: file,
      AWS_ACCESS_KEY_ID: FAKE_CREDENTIAL.accessKeyId,
      AWS_SECRET_ACCESS_KEY: FAKE_CREDENTIAL.secretAccessKey,
      AWS_SESSION_TOKEN: FAKE_CREDENTIAL.sessionToken ?? '',
    },
  });
  expect((await sendRequest(program.port, '/a')).status).toBe(200);
  expect(await program.stop()).toBe(0);
  return readFileSync(file, 'utf8').split('\n');
}

function listPackages(modules: readonly string[]): string[] {
  const names = modules.map((url) => /\/node_modules\/([^/]+)\/|\/(src\/admin)\//.exec(url));
  return [...new Set(names.map((match) => match?.[1] ?? match?.[2] ?? ''))];
}

test.each([
  ['one process', ''],
  ['two workers', 'workers: 2\n'],
])('without a reader nothing of metrics is loaded: %s', async (_, yaml) => {
  const modules = await listModules(yaml);
  expect(modules.some((url) => url.endsWith('/src/daemon/create-daemon.ts'))).toBe(true);
  expect(modules.filter((url) => OF_METRICS.test(url))).toEqual([]);
  expect(modules.filter((url) => url.endsWith('/src/telemetry/serving-telemetry.ts'))).toEqual([]);
});

test('each reader brings what it needs, and no more', async () => {
  const statsd = listPackages(await listModules('statsd: {address: "127.0.0.1:9"}\n'));
  expect(statsd).toEqual(expect.arrayContaining(['prom-client', 'hot-shots']));
  expect(statsd).not.toContain('src/admin');
  expect(statsd).not.toContain('node-unix-socket');
  const admin = listPackages(await listModules('admin: {listen: "127.0.0.1:0"}\n'));
  expect(admin).toEqual(expect.arrayContaining(['prom-client', 'src/admin']));
  expect(admin).not.toContain('hot-shots');
});

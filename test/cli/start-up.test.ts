import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findChildren } from '../soak/process-sampler.ts';
import { type RunningProgram, startProgram } from '../support/start-program.ts';
import { waitUntil } from '../support/with-deadline.ts';

const RECORD_MODULES = new URL('../support/record-modules.ts', import.meta.url);
const PROGRAM_FILE = /\/(src\/.*|node_modules\/.*)$/;

/** Starts the program with static credentials, and waits until it has them. */
async function start(environment: Readonly<Record<string, string>>): Promise<RunningProgram> {
  const program = await startProgram({
    yaml: 'listen: 127.0.0.1:0\ns3: { bucket: media, region: eu-west-1 }\n',
    environment: {
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'known-to-everybody',
      ...environment,
    },
  });
  onTestFinished(async () => {
    await program.stop();
  });
  await waitUntil(
    () => program.logLines.some(({ msg }) => msg === 'credentials refreshed'),
    'the credentials',
  );
  return program;
}

/** @returns what is loaded when the credentials are there, from `src/` or `node_modules/` on */
async function listFiles(client: 'wire' | 'undici'): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), 's3-helper-start-up-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'modules');
  await start({
    S3_HELPER_S3_CLIENT: client,
    NODE_OPTIONS: `--import=${RECORD_MODULES.href}`,
    LOADED_MODULES_FILE: file,
  });
  const matches = readFileSync(file, 'utf8')
    .split('\n')
    .map((url) => PROGRAM_FILE.exec(url));
  return matches.map((match) => match?.[1] ?? '');
}

const among = (files: readonly string[], part: RegExp): string[] => files.filter((file) => part.test(file));

test('of the AWS SDK only the source that is asked is loaded, and of what is not configured nothing', async () => {
  const files = await listFiles('wire');
  expect(among(files, /^src\/main\.ts$/)).toHaveLength(1);
  expect(among(files, /^src\/s3\/wire\/create-wire-client\.ts$/)).toHaveLength(1);
  const sources = among(files, /@aws-sdk\/credential-provider-/).map((file) => file.split('/')[2]);
  expect([...new Set(sources)]).toEqual(['credential-provider-env']);
  expect(among(files, /@aws-sdk\/(?:client|nested-clients|token-providers)/)).toEqual([]);
  expect(among(files, /node_modules\/(?:undici|newrelic|hot-shots|prom-client)\//)).toEqual([]);
  expect(
    among(files, /^src\/(?:s3\/undici-client|workers|admin|demo|cli\/doctor|telemetry\/newrelic)/),
  ).toEqual([]);
});

test('what is configured is loaded', async () => {
  const files = await listFiles('undici');
  expect(among(files, /node_modules\/undici\//)).not.toEqual([]);
  expect(among(files, /^src\/s3\/wire\//)).toEqual([]);
});

test('one worker is one process', async () => {
  const { pid } = await start({});
  expect(findChildren(pid)).toEqual([]);
});

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readHolding } from '../soak/process-sampler.ts';
import { startProgram } from '../support/start-program.ts';
import { waitUntil } from '../support/with-deadline.ts';

const NOTE_MODULES = new URL('note-modules.ts', import.meta.url).href;
const PROGRAM_FILE = /^(\d+) .*\/(src\/.*|node_modules\/.*)$/;

interface Loaded {
  /** From `src/` or `node_modules/` on. */
  readonly files: readonly string[];
  /** Of the processes that they were loaded into. */
  readonly pids: readonly number[];
  /** Of the program. */
  readonly pid: number;
}

/** Starts the program with static credentials, and tells what it has loaded when its credentials are there. */
async function startAndList(client: 'wire' | 'undici'): Promise<Loaded> {
  const directory = mkdtempSync(join(tmpdir(), 's3-helper-start-up-'));
  const file = join(directory, 'modules');
  const program = await startProgram({
    yaml: 'listen: 127.0.0.1:0\ns3: { bucket: media, region: eu-west-1 }\n',
    environment: {
      S3_HELPER_S3_CLIENT: client,
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'known-to-everybody',
      NODE_OPTIONS: `--import=${NOTE_MODULES}`,
      MODULES_FILE: file,
    },
  });
  onTestFinished(async () => {
    await program.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  await waitUntil(
    () => program.logLines.some(({ msg }) => msg === 'credentials refreshed'),
    'the credentials',
  );
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  const loaded = lines.map((line) => PROGRAM_FILE.exec(line)).filter((match) => match !== null);
  return {
    files: loaded.map(([, , path = '']) => path),
    pids: [...new Set(loaded.map(([, pid]) => Number(pid)))],
    pid: program.pid,
  };
}

const among = (files: readonly string[], part: RegExp): string[] => files.filter((file) => part.test(file));

test('of the AWS SDK only the source that is asked is loaded, and of what is not configured nothing', async () => {
  const { files } = await startAndList('wire');
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
  const { files } = await startAndList('undici');
  expect(among(files, /node_modules\/undici\//)).not.toEqual([]);
  expect(among(files, /^src\/s3\/wire\//)).toEqual([]);
});

test('one worker is one process', async () => {
  const { pid, pids } = await startAndList('wire');
  expect([pids, readHolding(pid).processes]).toEqual([[pid], 1]);
});

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { runProgram } from '../cli/run-program.ts';
import { FAKE_CREDENTIAL, startFakeS3 } from '../servers/fake-s3.ts';
import { sendRequest } from '../support/send-request.ts';
import { waitUntil, withDeadline } from '../support/with-deadline.ts';

type Line = Readonly<Record<string, unknown>>;

const MAIN = join(import.meta.dirname, '../../src/main.ts');

/** The program with a free port and an object `a`. @param out - where its standard output goes */
async function start(args: readonly string[], out: 'pipe' | number = 'pipe'): Promise<ChildProcess> {
  const s3 = await startFakeS3();
  s3.put('a', 'object');
  const location = [`--s3-bucket=${s3.bucket}`, `--s3-region=${s3.region}`, `--s3-endpoint=${s3.endpoint}`];
  const child = spawn(process.execPath, [MAIN, '--config=/dev/null', ...location, ...args], {
    env: {
      PATH: process.env['PATH'],
      AWS_ACCESS_KEY_ID: FAKE_CREDENTIAL.accessKeyId,
      AWS_SECRET_ACCESS_KEY: FAKE_CREDENTIAL.secretAccessKey,
      AWS_SESSION_TOKEN: FAKE_CREDENTIAL.sessionToken,
    },
    stdio: ['ignore', out, 'pipe'],
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await s3.close();
  });
  return child;
}

async function stop(child: ChildProcess): Promise<number | null> {
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  await withDeadline(closed, 'the end after SIGTERM');
  return child.exitCode;
}

function makeDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 's3-helper-log-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return directory;
}

const readLines = (file: string): Line[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);

const toPort = ({ listen }: Line): number => Number(/:(\d+)$/.exec(String((listen as string[])[0]))![1]);

test('stderr takes all lines, and standard output none', async () => {
  const child = await start(['--listen=127.0.0.1:0', '--log-destination=stderr']);
  const output = text(child.stdout!);
  const lines: Line[] = [];
  createInterface({ input: child.stderr! }).on('line', (line) => lines.push(JSON.parse(line) as Line));
  await waitUntil(() => lines.some(({ msg }) => msg === 'listening'), 'the line that says where it listens');
  await sendRequest(toPort(lines.find(({ msg }) => msg === 'listening')!), '/a');
  expect(await stop(child)).toBe(0);
  expect(lines.map(({ msg }) => msg)).toEqual(expect.arrayContaining(['request', 'stopped']));
  expect(await output).toBe('');
});

test('two workers and their supervisor share a file, across a rotation, and every line stays whole', async () => {
  const file = join(makeDirectory(), 'access.log');
  const child = await start(['--listen=127.0.0.1:0', '--workers=2', `--log-destination=${file}`]);
  const findListening = (): Line | undefined =>
    existsSync(file) ? readLines(file).find(({ msg }) => msg === 'listening') : undefined;
  await waitUntil(() => findListening() !== undefined, 'the line that says where it listens');
  const port = toPort(findListening()!);
  const ask = (count: number): Promise<unknown> =>
    Promise.all(Array.from({ length: count }, () => sendRequest(port, '/a')));
  await ask(100);
  renameSync(file, `${file}.1`);
  await waitUntil(() => existsSync(file), 'the new file');
  await ask(100);
  expect(await stop(child)).toBe(0);
  const lines = [`${file}.1`, file].flatMap(readLines);
  const requests = lines.filter(({ msg }) => msg === 'request');
  expect(requests).toHaveLength(200);
  expect(new Set(requests.map(({ pid }) => pid)).size).toBe(2);
  // Each process takes up the new file in its own time.
  expect(lines.filter(({ msg }) => msg === 'stopped')).toHaveLength(1);
});

test('a full disk behind standard output neither stops the daemon nor keeps it from stopping', async () => {
  const socket = join(makeDirectory(), 'socket');
  const child = await start([`--listen=unix:${socket}`], openSync('/dev/full', 'w'));
  const errors = text(child.stderr!);
  const ask = async (): Promise<boolean> =>
    (await sendRequest(socket, '/a').catch(() => undefined))?.status === 200;
  let isServed = false;
  await waitUntil(() => {
    void ask().then((served) => (isServed ||= served));
    return isServed;
  }, 'an answer');
  expect(await ask()).toBe(true);
  expect(await stop(child)).toBe(0);
  expect((await errors).match(/the log cannot be written: ENOSPC/g)).toHaveLength(1);
});

test('a file that cannot be written is one sentence and 78', async () => {
  const file = join(makeDirectory(), 'missing', 'access.log');
  const args = [
    '--config=/dev/null',
    '--s3-bucket=media',
    '--s3-region=eu-west-1',
    `--log-destination=${file}`,
  ];
  expect(await runProgram(args)).toEqual({
    code: 78,
    stdout: '',
    stderr: `s3-helper: log.destination: the file cannot be written: ENOENT: no such file or directory, open '${file}'\n`,
  });
});

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runProgram } from '../cli/run-program.ts';
import { FAKE_CREDENTIAL, startFakeS3 } from '../servers/fake-s3.ts';
import { sendRequest } from '../support/send-request.ts';
import { waitUntil, withDeadline } from '../support/with-deadline.ts';
import { COMPILED } from '../support/compiled.ts';

type Line = Readonly<Record<string, unknown>>;

const CRASH_AT_SIGUSR2 = `process.on('SIGUSR2', () => { throw new Error('on purpose') })`;
const MAIN = join(import.meta.dirname, '../../src/main.ts');

/** The program with a free port and an object `a`. @param out - where its standard output goes */
async function start(args: readonly string[], out: 'pipe' | number = 'pipe'): Promise<ChildProcess> {
  const s3 = await startFakeS3();
  s3.put('a', 'object');
  const location = [`--s3-bucket=${s3.bucket}`, `--s3-region=${s3.region}`, `--s3-endpoint=${s3.endpoint}`];
  const child = spawn(process.execPath, [MAIN, '--config=/dev/null', ...location, ...args], {
    env: {
      PATH: process.env['PATH'],
      ...COMPILED,
      AWS_ACCESS_KEY_ID: FAKE_CREDENTIAL.accessKeyId,
      AWS_SECRET_ACCESS_KEY: FAKE_CREDENTIAL.secretAccessKey,
      AWS_SESSION_TOKEN: FAKE_CREDENTIAL.sessionToken,
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(CRASH_AT_SIGUSR2)}`,
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

const asks = async (socket: string): Promise<boolean> =>
  (await sendRequest(socket, '/a').catch(() => undefined))?.status === 200;

/** A daemon with this standard output, which serves. */
async function startWithOutput(out: number, ...args: readonly string[]) {
  const socket = join(makeDirectory(), 'socket');
  const child = await start([`--listen=unix:${socket}`, ...args], out);
  const errors = text(child.stderr!);
  let isServed = false;
  await waitUntil(() => {
    void asks(socket).then((served) => (isServed ||= served));
    return isServed;
  }, 'an answer');
  return { child, socket, errors };
}

test('a full disk behind standard output neither stops the daemon nor keeps it from stopping', async () => {
  const { child, socket, errors } = await startWithOutput(openSync('/dev/full', 'w'));
  expect(await asks(socket)).toBe(true);
  expect(await stop(child)).toBe(0);
  expect((await errors).match(/the log stdout cannot be written: ENOSPC/g)).toHaveLength(1);
});

/** Both ends of a pipe. */
function makePipe(): { readonly reader: number; readonly writer: number } {
  const path = join(makeDirectory(), 'pipe');
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return { reader, writer: openSync(path, 'w') };
}

describe.each([1, 2])('With workers: %i,', (workers) => {
  test('a reader of the log that is gone neither stops the daemon nor keeps it from stopping', async () => {
    const { reader, writer } = makePipe();
    const { child, socket, errors } = await startWithOutput(writer, `--workers=${workers}`);
    closeSync(writer);
    closeSync(reader);
    expect(await asks(socket)).toBe(true);
    expect(await stop(child)).toBe(0);
    expect(await errors).toMatch(/the log stdout cannot be written: EPIPE/);
  });

  test('a reader of the log that has stopped neither stops the daemon nor keeps it from stopping', async () => {
    const { reader, writer } = makePipe();
    const path = `/proc/self/fd/${writer}`;
    const filler = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    expect(() => {
      for (;;) writeSync(filler, Buffer.alloc(4096));
    }).toThrow(/EAGAIN/);
    const { child, socket } = await startWithOutput(writer, `--workers=${workers}`);
    expect(await asks(socket)).toBe(true);
    expect(await stop(child)).toBe(0);
    [reader, writer, filler].forEach((descriptor) => closeSync(descriptor));
  });
});

test('the last lines are written, in order, also when the program crashes', async () => {
  const directory = makeDirectory();
  const readMessages = (file: string): unknown[] => readLines(file).map(({ msg }) => msg);
  const stopped = join(directory, 'stopped');
  const first = await startWithOutput(openSync(stopped, 'w'));
  expect(await asks(first.socket)).toBe(true);
  expect(await stop(first.child)).toBe(0);
  expect(readMessages(stopped).slice(-3)).toEqual(['request', 'draining', 'stopped']);

  const crashed = join(directory, 'crashed');
  const second = await startWithOutput(openSync(crashed, 'w'));
  const before = readMessages(crashed).length;
  expect(await asks(second.socket)).toBe(true);
  second.child.kill('SIGUSR2');
  expect(await second.errors).toMatch(/^s3-helper: crashed: Error: on purpose/);
  expect(readMessages(crashed).slice(before)).toContain('request');
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

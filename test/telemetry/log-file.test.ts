import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { LogFile } from '../../src/telemetry/log-file.ts';
import { waitUntil } from '../support/with-deadline.ts';

let path: string;

beforeEach(() => {
  const directory = mkdtempSync(join(tmpdir(), 's3-helper-log-'));
  path = join(directory, 'access.log');
  onTestFinished(() => rmSync(directory, { recursive: true }));
});

function open(file = path): LogFile {
  const log = new LogFile(file);
  onTestFinished(() => log.close());
  return log;
}

const readLines = (file = path): string[] =>
  existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];

const untilLines = (lines: readonly string[]): Promise<void> =>
  waitUntil(() => readLines().join() === lines.join(), `the lines ${lines.join()}`);

const countTo = (last: number): string[] => Array.from({ length: last }, (_, index) => String(index + 1));

test('lines are appended in order, for the eyes of owner and group only', async () => {
  const first = open();
  for (const line of countTo(100)) first.write(Buffer.from(`${line}\n`));
  await untilLines(countTo(100));
  open().write(Buffer.from('101\n'));
  await untilLines(countTo(101));
  expect(statSync(path).mode & 0o137).toBe(0);
});

test('what waits is written at the end', () => {
  const log = open();
  for (const line of countTo(10)) log.write(Buffer.from(`${line}\n`));
  log.flushSync();
  // The first one is on its way, on a thread of its own.
  expect(readLines()).toEqual(expect.arrayContaining(countTo(10).slice(1)));
});

test.each([
  ['renamed', (from: string) => renameSync(from, `${from}.1`)],
  ['removed', (from: string) => rmSync(from)],
])('a file that is %s is begun anew', async (_, takeAway) => {
  const log = open();
  log.write(Buffer.from('before\n'));
  await untilLines(['before']);
  takeAway(path);
  // Until it is noticed, lines go where they went.
  await waitUntil(() => {
    log.write(Buffer.from('after\n'));
    return readLines().includes('after');
  }, 'a line in the new file');
  expect(readLines()).not.toContain('before');
});

test('nothing is lost, and nothing written twice, while the file is renamed under load', async () => {
  const log = open();
  const lines = countTo(3000);
  const left = [...lines];
  const timer = setInterval(() => {
    for (const line of left.splice(0, 10)) log.write(Buffer.from(`${line}\n`));
  }, 5);
  onTestFinished(() => clearInterval(timer));
  await waitUntil(() => readLines().length > 100, 'the first lines');
  renameSync(path, `${path}.1`);
  const read = (): string[] => [...readLines(`${path}.1`), ...readLines()];
  await waitUntil(() => read().length >= lines.length, 'all lines');
  expect(read()).toEqual(lines);
  expect(readLines().length).toBeGreaterThan(0);
});

test('a file that is truncated, as by copytruncate, goes on at its beginning', async () => {
  const log = open();
  log.write(Buffer.from('before\n'));
  await untilLines(['before']);
  truncateSync(path);
  log.write(Buffer.from('after\n'));
  await untilLines(['after']);
});

test('what a full disk cannot take is lost with one warning, and the end does not hang', async () => {
  const warnings: string[] = [];
  const note = ({ message }: Error): number => warnings.push(message);
  process.on('warning', note);
  onTestFinished(() => void process.off('warning', note));
  const log = open('/dev/full');
  log.write(Buffer.from('a line\n'));
  await waitUntil(() => warnings.length > 0, 'the warning');
  log.write(Buffer.from('a line\n'));
  log.flushSync();
  await new Promise((resolve) => setImmediate(resolve));
  expect(warnings).toEqual(['the log /dev/full cannot be written: ENOSPC: no space left on device, write']);
});

test('a file that cannot be opened is an error at once', () => {
  expect(() => new LogFile(join(path, 'below'))).toThrow(/ENOENT/);
});

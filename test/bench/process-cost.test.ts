import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { parseBusyTicks, parseStat, readCpuSeconds, readResidentBytes } from '../../bench/process-cost.ts';
import { waitUntil } from '../support/with-deadline.ts';

test('a program whose name looks like fields is read right', () => {
  const line = '12 (a) R 1 (b)) S 7 12 12 0 -1 4194304 100 0 0 0 11 22 33 44 20 0 1 0 5 6 7';
  expect(parseStat(line)).toEqual({ parentPid: 7, cpuTicks: 110 });
});

test('the CPU of a child counts for its parent while it runs', async () => {
  const child = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
  const ended = once(child, 'close');
  try {
    const before = readCpuSeconds(process.pid);
    const childBefore = readCpuSeconds(child.pid ?? 0);
    await waitUntil(() => readCpuSeconds(child.pid ?? 0) >= childBefore + 0.1, 'a tenth of CPU');
    expect(readCpuSeconds(process.pid)).toBeGreaterThanOrEqual(before + 0.1);
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
  expect(() => readCpuSeconds(child.pid ?? 0)).toThrow('is gone');
});

test('busy is what is neither idle nor waiting for a disk, and what another machine took', () => {
  expect(parseBusyTicks('cpu  1 2 4 1000 1000 8 16 32 0 0\ncpu0 1 2 4 1000 1000 8 16 32 0 0\n')).toBe(63);
});

test('resident memory is in bytes', () => {
  expect(readResidentBytes(process.pid)).toBeGreaterThan(20e6);
  expect(readResidentBytes(process.pid)).toBeLessThan(20e9);
});

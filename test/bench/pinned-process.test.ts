import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { spawnPinned, stopAll } from '../../bench/pinned-process.ts';
import { waitUntil } from '../support/with-deadline.ts';

const isMissing = spawnSync('taskset', ['--version']).error !== undefined;

test.skipIf(isMissing)('a program runs on its core under its own pid, and is ended by it', async () => {
  const pinned = spawnPinned([process.execPath, '-e', 'setInterval(() => {}, 1000)'], { cores: '0' });
  const readStatus = (): string => readFileSync(`/proc/${pinned.pid}/status`, 'utf8');
  await waitUntil(() => !readStatus().startsWith('Name:\ttaskset'), 'taskset becoming the program');
  expect(readStatus()).toMatch(/^Cpus_allowed_list:\t0$/m);
  await stopAll();
  expect(await pinned.exited).toBe('SIGTERM');
});

test.skipIf(isMissing)('nothing but what is given gets into its environment', async () => {
  const pinned = spawnPinned([process.execPath, '-p', 'Object.keys(process.env).sort().join()'], {
    cores: '0',
    environment: { GIVEN: 'yes' },
  });
  let output = '';
  pinned.child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text));
  await pinned.exited;
  expect(output.trim()).toBe('GIVEN,PATH');
});

test.skipIf(isMissing)('what it says on standard error is kept', async () => {
  const pinned = spawnPinned([process.execPath, '-e', 'console.error("why"); process.exit(3)'], {
    cores: '0',
  });
  expect(await pinned.exited).toBe(3);
  expect(pinned.errors()).toBe('why\n');
});

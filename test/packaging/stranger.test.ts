import { expect, test } from 'vitest';
import { readExecStart, readReadmeCommand } from '../../scripts/stranger/read-commands.ts';
import { startCommand } from '../../scripts/stranger/start-command.ts';
import { PROJECT } from './read-compose.ts';

// The path itself is walked by scripts/walk-strangers-path.ts, which takes minutes; these are the parts that it stands on.

const start = (script: string, deadlineMs = 10_000) =>
  startCommand(['sh', '-c', script], { cwd: PROJECT, environment: { PATH: '/usr/bin:/bin' }, deadlineMs });

test("the README's two commands are found, and the line by which systemd starts the service", () => {
  expect(readReadmeCommand(PROJECT, 'Run it')).toBe('npm ci && npm run demo');
  expect(readReadmeCommand(PROJECT, 'Test it')).toBe('npm ci && npm test');
  expect(() => readReadmeCommand(PROJECT, 'Sell it')).toThrow('no command below "Sell it"');
  expect(readExecStart(PROJECT)[0]).toBe('s3-helper');
});

test('a command is waited for by what it says, and tells how it ended', async () => {
  const command = start('echo one; echo two >&2; exit 3');
  expect((await command.until(/t(w)o/))[1]).toBe('w');
  expect(await command.ended).toBe(3);
  await expect(command.until(/three/)).rejects.toThrow(/never said .*three[^]*one\n/);
});

test('what a command has started ends with it, at a signal and at its deadline', async () => {
  const signalled = start('sleep 60 & echo up; wait');
  await signalled.until(/up/);
  signalled.signal('SIGTERM');
  expect(await signalled.ended).toBe('SIGTERM');
  // Both outputs are closed only when the sleep, which holds them too, is gone.
  expect(await start('sleep 60 & echo up; wait', 200).ended).toBe('SIGKILL');
});

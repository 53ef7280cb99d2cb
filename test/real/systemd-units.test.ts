import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { EXIT_CONFIG, EXIT_USAGE } from '../../src/cli/exit-codes.ts';
import { SETTINGS } from '../../src/config/settings.ts';
import { runProgram } from '../cli/run-program.ts';

const UNITS = join(import.meta.dirname, '../../config/systemd');
const SERVICE = readFileSync(join(UNITS, 's3-helper.service'), 'utf8');
const SOCKET = readFileSync(join(UNITS, 's3-helper.socket'), 'utf8');
const WORST_EXPOSURE = 2;

/** Values of one key, in order. */
function valuesOf(unit: string, key: string): string[] {
  return [...unit.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value = '']) => value);
}

/** Runs systemd-analyze on the units, with a program in the place that systemd would find. */
function analyze(command: readonly string[], { service = SERVICE, socket = SOCKET } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 's3-helper-units-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const program = join(folder, 's3-helper');
  writeFileSync(program, '#!/bin/sh\n');
  chmodSync(program, 0o755);
  writeFileSync(join(folder, 's3-helper.service'), service.replaceAll(/=s3-helper /g, `=${program} `));
  writeFileSync(join(folder, 's3-helper.socket'), socket);
  const units = command.includes('security')
    ? ['s3-helper.service']
    : ['s3-helper.service', 's3-helper.socket'];
  const { status, stdout, stderr, error } = spawnSync(
    'systemd-analyze',
    [...command, ...units.map((unit) => join(folder, unit))],
    { encoding: 'utf8', timeout: 30_000 },
  );
  if (error !== undefined) throw new Error("Debian's package systemd is missing.", { cause: error });
  return { status, stdout, stderr };
}

function readExposure(service: string): number {
  const { stdout } = analyze(['security', '--offline=true', '--no-pager'], { service });
  const [, figure] = /Overall exposure level for s3-helper\.service: ([\d.]+)/.exec(stdout) ?? [];
  return Number(figure);
}

test('systemd-analyze has nothing to say about the units, and would say what is wrong.', () => {
  expect(analyze(['verify'])).toEqual({ status: 0, stdout: '', stderr: '' });
  const wrong = SERVICE.replace('WatchdogSec=30s', 'WatchdogSec=soon\nRestrat=always');
  expect(analyze(['verify'], { service: wrong }).stderr).toMatch(
    /Failed to parse sec value, ignoring: soon\n.*Unknown key 'Restrat'/,
  );
  const deaf = SOCKET.replaceAll(/^ListenStream=.*$/gm, '');
  expect(analyze(['verify'], { socket: deaf })).toMatchObject({ status: 1 });
});

test(`The service is exposed below ${WORST_EXPOSURE} of 10, and would not be without its protection.`, () => {
  expect(readExposure(SERVICE)).toBeLessThan(WORST_EXPOSURE);
  expect(
    readExposure(SERVICE.replaceAll(/^(?:SystemCallFilter|CapabilityBoundingSet)=.*$/gm, '')),
  ).toBeGreaterThan(WORST_EXPOSURE);
  // V8 writes machine code and runs it.
  expect(SERVICE).not.toMatch(/^MemoryDenyWriteExecute=/m);
});

test('The units say what the program does.', async () => {
  expect(valuesOf(SERVICE, 'RestartPreventExitStatus')).toEqual([`${EXIT_USAGE} ${EXIT_CONFIG}`]);
  expect(valuesOf(SOCKET, 'ListenStream')).toEqual([SETTINGS.listen.defaultText]);
  const [start = '', reload = ''] = [...valuesOf(SERVICE, 'ExecStart'), ...valuesOf(SERVICE, 'ExecReload')];
  expect(start).toBe('s3-helper run --config /etc/s3-helper.yml');
  // Its options are known: a configuration that is not there is what is wrong.
  const [, ...args] = reload.split(' ');
  const environment = { XDG_RUNTIME_DIR: '/nonexistent', RUNTIME_DIRECTORY: '/nonexistent' };
  expect(await runProgram(args, { environment })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no running daemon of /etc/s3-helper.yml') as string,
  });
  const config = ['--config=/dev/null', '--s3-bucket=media', '--s3-region=eu-west-1'];
  expect((await runProgram(['run', '--check', ...config])).code).toBe(0);
});

test('The documentation says what the units hold.', () => {
  const documentation = readFileSync(join(import.meta.dirname, '../../docs/systemd.md'), 'utf8');
  for (const key of ['Type', 'Restart', 'WatchdogSec', 'TimeoutStopSec', 'DynamicUser']) {
    const [value = ''] = valuesOf(SERVICE, key);
    expect(documentation).toContain(`\`${key}=${value}\``);
  }
  const [, figure, version] =
    /s3-helper\.service` says ([\d.]+) \(of 10, less is better; systemd (\d+)\)/.exec(documentation) ?? [];
  const { stdout } = spawnSync('systemd-analyze', ['--version'], { encoding: 'utf8' });
  // Another version weighs otherwise.
  const here = stdout.startsWith(`systemd ${version} `) ? readExposure(SERVICE) : Number(figure);
  expect([version, Number(figure)]).toEqual([expect.stringMatching(/^\d+$/) as string, here]);
});

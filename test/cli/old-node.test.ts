import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runProgram } from './run-program.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const OLDEST_NODE = '22.19';
const oldNode = findOldNode();
let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 's3-helper-dist-'));
  cpSync(join(ROOT, 'package.json'), join(directory, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  // Types are another check's work.
  const args = ['-p', join(ROOT, 'tsconfig.build.json'), '--outDir', join(directory, 'dist'), '--noCheck'];
  const { status, stdout } = spawnSync(process.execPath, [compiler, ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the build failed: ${stdout}`);
}, 60_000);

afterAll(() => rmSync(directory, { recursive: true }));

test('the built program runs', async () => {
  const main = join(directory, 'dist/main.js');
  const args = [
    '--check',
    '--config',
    join(ROOT, 'config/default.yml'),
    '--s3-bucket=media',
    '--s3-region=eu-west-1',
  ];
  expect(await runProgram(args, { main })).toMatchObject({ code: 0, stderr: '' });
});

test('too old a Node is told in one sentence and exits with 78', async ({ skip }) => {
  if (oldNode === undefined) skip(`there is no Node older than ${OLDEST_NODE} on the PATH`);
  const main = join(directory, 'dist/main.js');
  const endOf = (...args: readonly string[]) => runProgram(args, { node: oldNode!.path, main });
  const sentence =
    `s3-helper needs Node ${OLDEST_NODE} or newer, and this is Node ${oldNode!.version}; ` +
    `npm brings one: npx --yes --package node@26 node ${main}`;
  expect(await endOf('demo')).toEqual({ code: 78, stdout: '', stderr: `${sentence} demo\n` });
  // A flag may hold a secret.
  expect(await endOf('--version')).toEqual({ code: 78, stdout: '', stderr: `${sentence}\n` });
});

function findOldNode(): { readonly path: string; readonly version: string } | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, 'node');
    if (!existsSync(path)) continue;
    const version = spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout.trim().slice(1);
    const [major = 0, minor = 0] = version.split('.').map(Number);
    if (major > 0 && (major < 22 || (major === 22 && minor < 19))) return { path, version };
  }
  return undefined;
}

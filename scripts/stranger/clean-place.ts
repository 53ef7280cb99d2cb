import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { copyProject } from '../copy-project.ts';

/** A machine as a stranger has it, as far as a folder can be one. */
export interface CleanPlace {
  readonly directory: string;
  /** A copy of the project, without anything that was installed or built. */
  readonly project: string;
  /** Nothing but a search path, an own home, and how this machine reaches its registry. */
  readonly environment: Readonly<Record<string, string>> & { readonly PATH: string };
  /** Of the Node on the search path. */
  readonly nodeVersion: string;
  remove(): void;
}

/**
 * Makes a folder in which only npm, a Node of that major version and the essential packages of Debian can be found: no git,
 * no curl, no compiler, and nothing of this machine's user but npm's settings and its cache of packages.
 * @throws {Error} where this machine has no such Node
 */
export function makeCleanPlace(major: number): CleanPlace {
  const { folder, version } = findNode(major);
  const directory = mkdtempSync(join(tmpdir(), 's3-helper-stranger-'));
  const bin = join(directory, 'bin');
  const project = join(directory, 'project');
  const home = join(directory, 'home');
  for (const path of [bin, project, home]) mkdirSync(path);
  for (const program of listEssentialPrograms()) symlinkSync(program, join(bin, basename(program)));
  for (const name of ['node', 'npm', 'npx']) symlinkSync(join(folder, name), join(bin, name));
  copyProject(project);
  return {
    ...{ directory, project, nodeVersion: version },
    environment: {
      PATH: bin,
      HOME: home,
      ...keepVariables(/^(?:https?_proxy|no_proxy|node_extra_ca_certs)$/i),
      npm_config_userconfig: process.env['npm_config_userconfig'] ?? join(homedir(), '.npmrc'),
      npm_config_cache: process.env['npm_config_cache'] ?? join(homedir(), '.npm'),
      npm_config_prefer_offline: 'true',
      npm_config_update_notifier: 'false',
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** The first on the search path with npm beside it. */
function findNode(major: number): { readonly folder: string; readonly version: string } {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    if (!existsSync(join(folder, 'node')) || !existsSync(join(folder, 'npx'))) continue;
    const version = execFileSync(join(folder, 'node'), ['--version'], { encoding: 'utf8' }).trim().slice(1);
    if (version.startsWith(`${major}.`)) return { folder, version };
  }
  throw new Error(`there is no Node ${major} with npm on the PATH`);
}

/** What every Debian has (Debian Policy, 3.8 "Essential packages"). */
function listEssentialPrograms(): readonly string[] {
  const packages = run('dpkg-query', ['--show', '--showformat=${Essential} ${Package}\n'])
    .split('\n')
    .flatMap((line) => /^yes (.+)$/.exec(line)?.[1] ?? []);
  const programs = run('dpkg', ['--listfiles', ...packages])
    .split('\n')
    .filter((path) => /^(?:\/usr)?\/s?bin\/[^/]+$/.test(path) && existsSync(path) && statSync(path).isFile());
  // Debian moves programs from /bin to /usr/bin, and packages may name both.
  const byName = new Map(programs.map((path) => [basename(path), path]));
  if (!byName.has('sh')) byName.set('sh', '/bin/sh');
  return [...byName.values()];
}

function run(program: string, args: readonly string[]): string {
  const { stdout, status, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw error ?? new Error(`${program} ended with ${status}`);
  return stdout;
}

function keepVariables(pattern: RegExp): Record<string, string> {
  const kept = Object.entries(process.env).filter(([name]) => pattern.test(name));
  return Object.fromEntries(kept.map(([name, value = '']) => [name, value]));
}

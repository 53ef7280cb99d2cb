import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { nextVersion } from '../../scripts/next-version.ts';
import { releaseChangelog } from '../../scripts/release-changelog.ts';
import { PROJECT } from './read-compose.ts';

const CHANGELOG = '# Changelog\n\n## Unreleased\n\n- Reads quicker.\n\n## 0.1.0 – 2026-01-02\n\n- Reads.\n';
let directory: string;

/** In the repository of the test, with nobody's own settings. */
function git(...args: readonly string[]): string {
  const identity = ['-c', 'user.name=A', '-c', 'user.email=a@example.net', '-c', 'commit.gpgsign=false'];
  const env = { PATH: process.env['PATH'], GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
  return execFileSync('git', [...identity, ...args], { cwd: directory, env, encoding: 'utf8' }).trimEnd();
}

function release(...args: readonly string[]) {
  const script = join(PROJECT, 'scripts/release.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args, '--date', '2026-03-04'], {
    cwd: directory,
    encoding: 'utf8',
    timeout: 15_000,
  });
  return { status, stdout, stderr };
}

const read = (name: string): string => readFileSync(join(directory, name), 'utf8');
const readVersions = (): string[] => {
  const lock = JSON.parse(read('package-lock.json')) as {
    version: string;
    packages: { '': { version: string } };
  };
  return [
    (JSON.parse(read('package.json')) as { version: string }).version,
    lock.version,
    lock.packages[''].version,
  ];
};

const hasGit = spawnSync('git', ['--version']).status === 0;
if (!hasGit) console.log('the release script is not tested: git is not installed');

describe.skipIf(!hasGit)('A release', () => {
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 's3-helper-release-'));
    writeFileSync(join(directory, 'package.json'), '{\n  "name": "a",\n  "version": "0.1.0"\n}\n');
    const lock = { name: 'a', version: '0.1.0', packages: { '': { name: 'a', version: '0.1.0' } } };
    writeFileSync(join(directory, 'package-lock.json'), `${JSON.stringify(lock, null, 2)}\n`);
    writeFileSync(join(directory, 'CHANGELOG.md'), CHANGELOG);
    git('init', '--quiet', '--initial-branch=main');
    git('add', '.');
    git('commit', '--quiet', '--message', 'Begin');
    git('tag', 'v0.1.0');
    git(
      'commit',
      '--quiet',
      '--allow-empty',
      '--message',
      'Ask S3 by the wire client; `s3.client` says which',
    );
  });

  afterEach(() => rmSync(directory, { recursive: true }));

  test('is the section of the changelog, the commits since the last one, and the version', () => {
    const hash = git('log', '-1', '--format=%h');
    expect(release('minor')).toMatchObject({ status: 0, stderr: '' });
    expect(read('CHANGELOG.md')).toBe(
      '# Changelog\n\n## Unreleased\n\n## 0.2.0 – 2026-03-04\n\n- Reads quicker.\n\n### Commits\n\n' +
        `- Ask S3 by the wire client; \\\`s3.client\\\` says which (${hash})\n\n## 0.1.0 – 2026-01-02\n\n- Reads.\n`,
    );
    expect(readVersions()).toEqual(['0.2.0', '0.2.0', '0.2.0']);
    expect(git('diff', '--numstat', '--', 'package.json')).toBe('1\t1\tpackage.json');
    // What it says is left to do is done, so that the next one stands on it.
    git('commit', '--quiet', '--all', '--message', 'Release 0.2.0');
    git('tag', 'v0.2.0');
    expect(release('patch')).toMatchObject({
      status: 1,
      stderr: 'release: nothing is written under "## Unreleased" in the changelog\n',
    });
  });

  test('is only shown with --dry-run', () => {
    const { status, stdout } = release('major', '--dry-run');
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^Would release 1\.0\.0, after v0\.1\.0:\n\n## 1\.0\.0 – 2026-03-04\n\n- Reads quicker\./,
    );
    expect(git('status', '--porcelain')).toBe('');
  });

  test('the first one has no commits and may keep the version', () => {
    git('tag', '--delete', 'v0.1.0');
    writeFileSync(join(directory, 'CHANGELOG.md'), '# Changelog\n\n## Unreleased\n\n- Reads.\n');
    git('commit', '--quiet', '--all', '--message', 'Begin again');
    expect(release('0.1.0').status).toBe(0);
    expect(read('CHANGELOG.md')).toBe('# Changelog\n\n## Unreleased\n\n## 0.1.0 – 2026-03-04\n\n- Reads.\n');
  });

  test('is refused with changes that are not committed', () => {
    writeFileSync(join(directory, 'more'), '');
    expect(release('patch')).toEqual({
      status: 1,
      stdout: '',
      stderr: 'release: there are changes that are not committed\n',
    });
  });
});

test('one of this project finds its place in the changelog', () => {
  // Right after a release nothing is written yet.
  const page = readFileSync(join(PROJECT, 'CHANGELOG.md'), 'utf8').replace(
    '## Unreleased\n',
    '$&\n- More.\n',
  );
  const released = releaseChangelog(page, { version: '99.0.0', date: '2026-03-04', commits: [] });
  expect(released.section).toMatch(/^## 99\.0\.0 – 2026-03-04\n\n- More\.\n/);
  expect(released.page).toMatch(/^# Changelog\n\n## Unreleased\n\n## 99\.0\.0/);
});

test.each([
  ['1.2.3', 'patch', '1.2.4'],
  ['1.2.3', 'minor', '1.3.0'],
  ['1.2.3', 'major', '2.0.0'],
  ['1.2.3', '1.10.0', '1.10.0'],
  ['1.9.0', '1.10.0', '1.10.0'],
])('after %s, %s is %s', (current, wanted, next) => {
  expect(nextVersion(current, wanted)).toBe(next);
});

test.each([
  ['1.2.3', '1.2.3', '1.2.3 is not higher than 1.2.3'],
  ['1.10.0', '1.9.9', '1.9.9 is not higher than 1.10.0'],
  ['1.2.3', 'big', 'big is no version; write major, minor, patch or one such as 1.2.3'],
  ['1.2', 'patch', '1.2 is no version such as 1.2.3'],
])('after %s, %s is refused', (current, wanted, message) => {
  expect(() => nextVersion(current, wanted)).toThrow(message);
});

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { format } from 'prettier';
import { nextVersion } from './next-version.ts';
import { type Commit, releaseChangelog } from './release-changelog.ts';

// Prepares a release in the working directory: node scripts/release.ts major|minor|patch|X.Y.Z [--dry-run] [--date D]
// Writes CHANGELOG.md, package.json and package-lock.json, and says what is left to do by hand.
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'dry-run': { type: 'boolean', default: false },
    date: { type: 'string', default: new Date().toISOString().slice(0, 10) },
  },
});
try {
  process.stdout.write(await release(positionals, { isDry: values['dry-run'], date: values.date }));
} catch (error) {
  process.stderr.write(`release: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function release(
  [wanted, ...others]: readonly string[],
  { isDry, date }: { readonly isDry: boolean; readonly date: string },
): Promise<string> {
  if (wanted === undefined || others.length > 0) throw new Error('say major, minor, patch or one version');
  if (!isDry && git('status', '--porcelain') !== '')
    throw new Error('there are changes that are not committed');
  const manifest = readFileSync('package.json', 'utf8');
  const { version: current } = JSON.parse(manifest) as { readonly version: string };
  const tag = findLastTag();
  const version = nextVersion(current, wanted, { isFirst: tag === undefined });
  const commits = tag === undefined ? [] : listCommits(tag);
  const changelog = readFileSync('CHANGELOG.md', 'utf8');
  const { page, section } = releaseChangelog(changelog, { version, date, commits });
  if (isDry) return `Would release ${version}, after ${tag ?? 'nothing'}:\n\n${section}\n`;
  writeFileSync('CHANGELOG.md', await format(page, { parser: 'markdown' }));
  writeFileSync('package.json', manifest.replace(`"version": "${current}"`, `"version": "${version}"`));
  setLockVersion(version);
  return `${version} is written. Read the changelog, then:\n${describeRest(version)}`;
}

function describeRest(version: string): string {
  return [
    `  git commit --all --message "Release ${version}"`,
    `  git tag --annotate v${version} --message "s3-helper ${version}"`,
    '  npm publish',
    '',
  ].join('\n');
}

/** The newest tag of a release that the present state stands on; undefined before the first. */
function findLastTag(): string | undefined {
  // The highest first.
  const [tag] = git('tag', '--list', 'v*', '--merged', 'HEAD', '--sort=-version:refname').split('\n');
  return tag === '' ? undefined : tag;
}

function listCommits(since: string): readonly Commit[] {
  return git('log', '--no-merges', '--format=%h%x09%s', `${since}..HEAD`)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [hash = '', ...subject] = line.split('\t');
      return { hash, subject: subject.join(' ') };
    });
}

function setLockVersion(version: string): void {
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    version: string;
    packages: { '': { version: string } };
  };
  lock.version = version;
  lock.packages[''].version = version;
  writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`);
}

function git(...args: readonly string[]): string {
  return execFileSync('git', args, { encoding: 'utf8' }).trimEnd();
}

import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { copyProject, PROJECT } from './copy-project.ts';

export interface PackedProject {
  /** The path of the tarball. */
  readonly tarball: string;
  /** What is in it, by path, with the sizes in bytes. */
  readonly files: readonly PackedFile[];
}

export interface PackedFile {
  readonly path: string;
  readonly size: number;
}

/**
 * Builds the package as it would be published, from a copy of the project, whose own dist/ stays as it is. Finding type
 * errors is left to another run of the compiler.
 * @param directory - a folder for the copy and the tarball
 */
export function packProject(directory: string): PackedProject {
  const copy = mkdtempSync(join(directory, 'project-'));
  copyProject(copy);
  const build = [join(PROJECT, 'scripts/build.ts'), '--no-check', '--out', join(copy, 'dist')];
  execFileSync(process.execPath, build, { stdio: 'inherit' });
  const text = execFileSync(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--loglevel=error', '--pack-destination', directory],
    { cwd: copy, encoding: 'utf8' },
  );
  const [packed] = JSON.parse(text) as readonly [{ readonly filename: string; readonly files: PackedFile[] }];
  return { tarball: join(directory, packed.filename), files: packed.files };
}

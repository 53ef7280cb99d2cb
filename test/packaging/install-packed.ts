import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { InstalledTree } from '../../scripts/installed-tree.ts';
import { PROJECT } from './read-compose.ts';

/** A package that is installed with what it needs at run time and nothing else, in a folder far from the project. */
export interface InstalledPackage {
  /** The folder of whoever installed it. */
  readonly directory: string;
  /** The package's own. */
  readonly folder: string;
  /** Its command, as npm links it. */
  readonly command: string;
}

/**
 * Installs the tarball as npm does with `--omit=dev --omit=optional`, but with the project's packages in place of a
 * registry's, so that it needs no network. They are copied: from behind a link Node would find the others as well.
 */
export function installPacked(tarball: string, directory: string): InstalledPackage {
  const folder = join(directory, 'node_modules/s3-helper');
  mkdirSync(folder, { recursive: true });
  execFileSync('tar', ['--extract', '--gzip', '--file', tarball, '--strip-components=1', '-C', folder]);
  const tree = new InstalledTree(PROJECT);
  for (const { path, bytes } of tree.below(tree.direct.required)) {
    const from = join(PROJECT, path);
    // One for another platform is not there.
    if (bytes === undefined) continue;
    cpSync(from, join(directory, path), {
      recursive: true,
      filter: (source) => source.slice(from.length) !== '/node_modules',
    });
  }
  const command = join(directory, 'node_modules/.bin/s3-helper');
  mkdirSync(join(directory, 'node_modules/.bin'));
  symlinkSync('../s3-helper/dist/main.js', command);
  return { directory, folder, command };
}

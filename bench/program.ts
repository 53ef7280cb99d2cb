import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

/** This checkout. */
export const PROJECT = join(import.meta.dirname, '..');
const BUILD_DEADLINE_MS = 120_000;

/** A copy of the program, so that nobody's editing changes what is measured while it is measured. */
export interface Program {
  /** Built, as it is installed. */
  readonly main: string;
  /** The same as sources, whose lines a profile can name. */
  readonly sourceMain: string;
  /** What git calls it, with `-dirty` where files differ. */
  readonly revision: string;
}

/**
 * Copies a checkout's sources below the given folder and builds them, with the dependencies of this one.
 * @throws {Error} with the compiler's words
 */
export function buildProgram(checkout: string, directory: string): Program {
  const copy = join(directory, 'program');
  mkdirSync(copy);
  for (const name of ['src', 'package.json', 'tsconfig.json', 'tsconfig.build.json'])
    cpSync(join(checkout, name), join(copy, name), { recursive: true });
  symlinkSync(join(PROJECT, 'node_modules'), join(copy, 'node_modules'));
  const compiler = join(copy, 'node_modules', 'typescript', 'bin', 'tsc');
  const { stdout } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
    cwd: copy,
    encoding: 'utf8',
    timeout: BUILD_DEADLINE_MS,
  });
  const main = join(copy, 'dist', 'main.js');
  // The page is no TypeScript.
  const page = join('admin', 'page');
  if (existsSync(join(copy, 'src', page)))
    cpSync(join(copy, 'src', page), join(copy, 'dist', page), { recursive: true });
  // A type error does not stop the compiler from writing, nor what it wrote from being measured.
  if (!existsSync(main)) throw new Error(`the program could not be built:\n${stdout}`);
  if (stdout !== '') process.stderr.write(`the compiler complains:\n${stdout}`);
  return { main, sourceMain: join(copy, 'src', 'main.ts'), revision: readRevision(checkout) };
}

function readRevision(checkout: string): string {
  try {
    const args = ['--no-optional-locks', '-C', checkout, 'describe', '--always', '--dirty', '--abbrev=12'];
    return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return 'unknown';
  }
}

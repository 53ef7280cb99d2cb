import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, lstatSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as v from 'valibot';

type Environment = Readonly<Record<string, string | undefined>>;

const COUNT = v.pipe(v.number(), v.integer(), v.minValue(0));
const CONTENT = v.object({
  pid: v.pipe(v.number(), v.integer(), v.minValue(1)),
  /** Tells a process from a later one of the same number. */
  started: v.optional(v.string()),
  config_file: v.string(),
  reloads: v.object({
    begun: COUNT,
    ended: COUNT,
    /** How the last one that has ended did. */
    outcome: v.optional(v.picklist(['applied', 'refused'])),
    reasons: v.pipe(v.array(v.string()), v.readonly()),
    warnings: v.pipe(v.array(v.string()), v.readonly()),
  }),
});

/** What a daemon tells `s3-helper reload` of itself. */
export type RunFileContent = v.InferOutput<typeof CONTENT>;

/** A run file and its owner. */
export interface FoundRunFile {
  readonly path: string;
  readonly userId: number;
  readonly content: RunFileContent;
}

/** Of users without a directory of their own for running programs. */
const SHARED_FOLDER = '/run/s3-helper';

/**
 * Where the run file of a configuration may be, best first: what systemd made for the service (RuntimeDirectory=), the
 * user's own directory (XDG Base Directory Specification), /run/s3-helper where somebody has made it.
 */
export function listRunFiles(configFile: string, environment: Environment): string[] {
  const { RUNTIME_DIRECTORY: ofService, XDG_RUNTIME_DIR: ofUser } = environment;
  // systemd joins several with colons (systemd.exec(5)).
  const folders = [
    ofService?.split(':', 1)[0] ?? '',
    ofUser === undefined || ofUser === '' ? '' : join(ofUser, 's3-helper'),
    join(SHARED_FOLDER, 'control'),
  ];
  const name = createHash('sha256').update(resolve(configFile)).digest('hex').slice(0, 16);
  return folders.filter((folder) => folder !== '').map((folder) => join(folder, `${name}.json`));
}

/** Writes the first run file that can be. @returns its path; undefined where none can be */
export function writeFirstRunFile(paths: readonly string[], content: RunFileContent): string | undefined {
  return paths.find((path) => {
    try {
      // Its parent is somebody's to make: nothing is left behind in /run uninvited.
      makeFolder(join(path, '..'));
      writeRunFile(path, content);
      return true;
    } catch {
      return false;
    }
  });
}

/** Replaces the file in one step, so that nobody reads half of it. @throws Node's error */
export function writeRunFile(path: string, content: RunFileContent): void {
  const next = `${path}.${content.pid}`;
  writeFileSync(next, `${JSON.stringify(content)}\n`, { mode: 0o600 });
  renameSync(next, path);
}

/** @returns undefined where there is no such file, or it is none of ours */
export function readRunFile(path: string): FoundRunFile | undefined {
  try {
    const parsed = v.safeParse(CONTENT, JSON.parse(readFileSync(path, 'utf8')));
    return parsed.success ? { path, userId: lstatSync(path).uid, content: parsed.output } : undefined;
  } catch {
    return undefined;
  }
}

/** Unless it is another process's by now. */
export function removeRunFile(path: string, pid: number): void {
  if (readRunFile(path)?.content.pid === pid) rmSync(path, { force: true });
}

/** When a process was started, in ticks since the boot (proc(5)); undefined where the system does not tell. */
export function readStartTime(pid: number): string | undefined {
  try {
    // The name before it is in brackets, and may hold anything.
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

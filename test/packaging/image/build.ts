import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withDeadline } from '../../support/with-deadline.ts';
import type { ImageConfig } from './image-config.ts';

/** A built stage: where its files are, and how it is run. */
export interface Image {
  readonly root: string;
  readonly config: ImageConfig;
}

export interface BuiltImages {
  /** What the Dockerfile is for. */
  readonly image: Image;
  /** The S3 of docker-compose.yml; its root holds the working directory alone. */
  readonly s3: Image;
  readonly remove: () => void;
}

const BUILD_DEADLINE_MS = 480_000;
const SCRIPT = join(import.meta.dirname, 'build-image.ts');

/** Why images cannot be built here; undefined where they can. */
export function whyNoBuild(): string | undefined {
  if (process.platform !== 'linux') return 'it takes Linux';
  if (process.getuid?.() !== 0) return 'it takes root, to mount';
  try {
    execFileSync('unshare', ['--mount', 'true'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'this machine lets nobody mount';
  }
}

/** Runs every step of the Dockerfile in a clean file system. @throws {Error} with the output of a step that fails */
export async function buildImages(context: string): Promise<BuiltImages> {
  const output = mkdtempSync(join(tmpdir(), 's3-helper-image-'));
  // What is in it runs as other users.
  chmodSync(output, 0o755);
  const remove = (): void => rmSync(output, { recursive: true, force: true });
  const script = [process.execPath, SCRIPT, context, output, 'image', 's3'];
  const child = spawn('unshare', ['--mount', '--propagation', 'private', ...script], { stdio: 'pipe' });
  try {
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (piece: string) => (text += piece));
    const closed = once(child, 'close') as Promise<[number | null]>;
    const [code] = await withDeadline(closed, 'the end of the build', BUILD_DEADLINE_MS);
    if (code !== 0) throw new Error(`the build ended with ${code}:\n${text}`);
    return { image: readImage(join(output, 'image')), s3: readImage(join(output, 's3')), remove };
  } catch (error) {
    child.kill('SIGKILL');
    remove();
    throw error;
  }
}

function readImage(directory: string): Image {
  const config = JSON.parse(readFileSync(join(directory, 'image.json'), 'utf8')) as ImageConfig;
  return { root: join(directory, 'root'), config };
}

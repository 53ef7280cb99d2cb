import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The file system of one stage, mounted in this mount namespace. */
export interface StageRoot {
  /** Where it is mounted. */
  readonly path: string;
  /** The layers below and its own, top first; nothing for `scratch`, which is a plain folder. */
  readonly layers: readonly string[];
}

/**
 * Begins a stage. The official image of Node is this machine with the Node that runs this, in /usr/local/bin, over
 * which a stage writes into a layer of its own; so the machine must be what the image is made of.
 * @param directory - empty, on a file system that is not the root's
 * @throws {Error} where the machine is another than the image
 */
export function beginStage(from: string, directory: string, base: StageRoot | undefined): StageRoot {
  const path = join(directory, 'root');
  mkdirSync(path, { recursive: true });
  if (from === 'scratch') return { path, layers: [] };
  const [upper, work] = [join(directory, 'upper'), join(directory, 'work')];
  for (const folder of [upper, work]) mkdirSync(folder);
  const below = base?.layers ?? ['/'];
  const options = `lowerdir=${below.join(':')},upperdir=${upper},workdir=${work}`;
  execFileSync('mount', ['-t', 'overlay', 'overlay', '-o', options, path]);
  execFileSync('mount', ['--rbind', '/dev', join(path, 'dev')]);
  execFileSync('mount', ['-t', 'proc', 'proc', join(path, 'proc')]);
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', join(path, 'tmp')]);
  if (base === undefined) installNode(from, path);
  return { path, layers: [upper, ...below] };
}

function installNode(image: string, root: string): void {
  const [, version, codename] = /^node:(\d+\.\d+\.\d+)-(\w+)$/.exec(image) ?? [];
  if (version === undefined || codename === undefined)
    throw new Error(`${image} is no image of Node, pinned by its whole version`);
  if (`v${version}` !== process.version)
    throw new Error(`the image has Node ${version}, this is ${process.version}`);
  if (!readFileSync('/etc/os-release', 'utf8').includes(`VERSION_CODENAME=${codename}\n`))
    throw new Error(`the image is Debian ${codename}, this machine is not`);
  const node = join(root, 'usr/local/bin/node');
  copyFileSync(process.execPath, node);
  chmodSync(node, 0o755);
}

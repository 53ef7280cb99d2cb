import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { ImageConfig } from './image-config.ts';
import type { Step } from './read-dockerfile.ts';

type Copy = Extract<Step, { kind: 'COPY' }>;

const STEP_DEADLINE_MS = 300_000;
/** What Docker sets where an image says nothing. */
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** What an operator behind a proxy or a registry mirror hands to a build. */
const HANDED_OVER = /^(?:npm_config_\w+|\w+_proxy|\w+_PROXY|NODE_EXTRA_CA_CERTS)$/;

/** Runs a RUN step in a stage. @throws {Error} with its output where it fails */
export function runScript(
  script: string,
  root: string,
  config: ImageConfig,
  args: Readonly<Record<string, string>>,
): void {
  const handedOver = Object.entries(process.env).filter(([name]) => HANDED_OVER.test(name));
  const env = {
    PATH: DEFAULT_PATH,
    HOME: '/root',
    ...(Object.fromEntries(handedOver) as Record<string, string>),
    ...args,
    ...config.environment,
  };
  const inStage = `cd "$1" && exec /bin/sh -c "$2"`;
  const { status, stdout, stderr } = spawnSync(
    'chroot',
    [root, '/bin/sh', '-c', inStage, 'sh', config.directory, script],
    { env, encoding: 'utf8', timeout: STEP_DEADLINE_MS },
  );
  if (status !== 0) throw new Error(`RUN ${script}\nended with ${status}:\n${stdout}\n${stderr}`);
}

export interface CopyPlan {
  /** Of the stage that is being made. */
  readonly root: string;
  readonly directory: string;
  /** Where the sources are: the build context, or the root of another stage. */
  readonly source: string;
  /** Of the build context; undefined for a stage, whose files can all be copied. */
  readonly files: readonly string[] | undefined;
}

/** Does what a COPY step does: everything belongs to root, or to whom it says. @throws {Error} where a source is missing */
export function copyFiles({ sources, target, owner }: Copy, plan: CopyPlan): void {
  const to = join(plan.root, resolve(plan.directory, target));
  const isFolder = target.endsWith('/') || target === '.' || sources.length > 1;
  for (const source of sources) {
    const from = join(plan.source, source);
    if (!existsSync(from)) throw new Error(`COPY ${source}: there is no such file`);
    if (statSync(from).isDirectory()) copyFolder(source, to, plan);
    else {
      if (plan.files !== undefined && !plan.files.includes(source))
        throw new Error(`COPY ${source}: .dockerignore leaves it out`);
      copyOne(from, isFolder ? join(to, basename(source)) : to);
    }
  }
  if (owner !== undefined) changeOwner(sources, owner, { ...plan, to });
}

function copyFolder(source: string, to: string, plan: CopyPlan): void {
  const from = join(plan.source, source);
  mkdirSync(to, { recursive: true });
  if (plan.files === undefined) {
    execFileSync('cp', ['-a', '--no-preserve=ownership', `${from}/.`, to]);
    return;
  }
  const prefix = source === '.' ? '' : `${source.replace(/^\.\/|\/$/g, '')}/`;
  const wanted = plan.files.filter((file) => file.startsWith(prefix));
  if (wanted.length === 0) throw new Error(`COPY ${source}: .dockerignore leaves it out`);
  for (const file of wanted) copyOne(join(plan.source, file), join(to, file.slice(prefix.length)));
}

function copyOne(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  execFileSync('cp', ['-a', '--no-preserve=ownership', from, to]);
}

/** Only what was copied changes hands, not what was there before. */
function changeOwner(
  sources: readonly string[],
  owner: string,
  { source, to }: CopyPlan & { to: string },
): void {
  for (const one of sources) {
    const list = execFileSync('find', ['.', '-mindepth', '1', '-print0'], { cwd: join(source, one) });
    execFileSync('xargs', ['-0', 'chown', '--no-dereference', owner], { cwd: to, input: list });
  }
}

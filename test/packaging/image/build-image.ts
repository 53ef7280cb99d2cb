import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { applyStep, EMPTY_CONFIG, type ImageConfig } from './image-config.ts';
import { listContext } from './list-context.ts';
import { readDockerfile, type Stage } from './read-dockerfile.ts';
import { copyFiles, runScript } from './run-steps.ts';
import { beginStage, type StageRoot } from './stage-root.ts';

// Builds the Dockerfile without Docker: each stage in a clean file system, each step as it is written.
//   unshare --mount --propagation private node build-image.ts CONTEXT OUTPUT STAGE…
// OUTPUT/STAGE/ then holds the file system (root/) and how it is run (image.json); "image" is the last stage. Of a stage
// that stands on the machine's own system, root/ holds its working directory alone.

interface Built {
  readonly config: ImageConfig;
  readonly root: StageRoot;
}

const [context = '', output = '', ...wanted] = process.argv.slice(2);
const files = listContext(context);
const scratch = join(output, 'build');
mkdirSync(scratch, { recursive: true });
execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', scratch]);

const stages = readDockerfile(readFileSync(join(context, 'Dockerfile'), 'utf8'));
const built = new Map<string, Built>();
for (const stage of stages) built.set(nameOf(stage), buildStage(stage));
for (const name of wanted) exportStage(name);

function nameOf(stage: Stage): string {
  return stage === stages.at(-1) ? 'image' : stage.name;
}

function buildStage(stage: Stage): Built {
  const base = built.get(stage.from);
  const root = beginStage(stage.from, join(scratch, nameOf(stage)), base?.root);
  let config = base?.config ?? EMPTY_CONFIG;
  let args: Readonly<Record<string, string>> = {};
  for (const step of stage.steps) {
    process.stdout.write(`${nameOf(stage)}: ${step.kind}\n`);
    config = applyStep(config, step);
    if (step.kind === 'ARG') args = { ...args, ...step.pairs };
    if (step.kind === 'WORKDIR') mkdirSync(join(root.path, step.value), { recursive: true });
    if (step.kind === 'RUN') runScript(step.script, root.path, config, args);
    if (step.kind === 'COPY') {
      const source = step.from === undefined ? context : rootOf(step.from);
      const plan = { root: root.path, directory: config.directory, source };
      copyFiles(step, { ...plan, files: step.from === undefined ? files : undefined });
    }
  }
  return { config, root };
}

function rootOf(name: string): string {
  const stage = built.get(name);
  if (stage === undefined) throw new Error(`there is no stage ${name} yet`);
  return stage.root.path;
}

function exportStage(name: string): void {
  const stage = built.get(name);
  if (stage === undefined) throw new Error(`there is no stage ${name}`);
  const to = join(output, name);
  const isWhole = stage.root.layers.length === 0;
  const from = isWhole ? stage.root.path : join(stage.root.path, stage.config.directory);
  mkdirSync(to);
  execFileSync('cp', ['-a', from, join(to, 'root')]);
  writeFileSync(join(to, 'image.json'), JSON.stringify(stage.config, null, 1));
}

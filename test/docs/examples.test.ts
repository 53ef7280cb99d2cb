import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { LEGACY_KEYS } from '../../src/config/legacy-keys.ts';
import { SETTING_NAMES } from '../../src/config/settings.ts';
import { COMMANDS_NOT_RUN, SERVES } from './commands-not-run.ts';
import { readDocuments, ROOT } from './read-markdown.ts';

const DEADLINE_MS = 20_000;

interface Example {
  /** `README.md:19`. */
  readonly place: string;
  readonly text: string;
}

const blocks = (await readDocuments()).flatMap(({ path, blocks: all }) =>
  all.map((block) => ({ ...block, place: `${path}:${block.line}` })),
);

function listBlocks(...languages: readonly string[]): readonly Example[] {
  return blocks.filter(({ language }) => languages.includes(language));
}

/** One entry a command, without comments; a backslash at its end continues a line. */
function listCommands(): readonly Example[] {
  return listBlocks('sh', 'console', 'bash', 'shell').flatMap(({ place, text }) =>
    text
      .replaceAll(/\\\n\s*/g, '')
      .split('\n')
      .map((line) =>
        line
          .replace(/^\$ /, '')
          .replace(/(?:^|\s+)#.*$/, '')
          .trim(),
      )
      .filter((line) => line !== '')
      .map((line) => ({ place, text: line })),
  );
}

function isNotRun({ text }: Example): boolean {
  return SERVES.pattern.test(text) || COMMANDS_NOT_RUN.some(({ start }) => text.startsWith(start));
}

/** Blocks of other programs' YAML. */
const NOT_CONFIGURATIONS = new Set(['volumes', 'scrape_configs']);

function isConfiguration({ text }: Example): boolean {
  return !Object.keys(parse(text) as object).some((key) => NOT_CONFIGURATIONS.has(key));
}

const GOOD_FILE = 's3: {bucket: my-media, region: eu-west-1}\n';
let sandbox: string;

/** Of its own folder, in which `s3-helper` is this program and /etc/s3-helper.yml is a file of the folder. */
function run(command: string): { readonly code: number | null; readonly output: string } {
  const local = command.replaceAll('/etc/s3-helper.yml', join(sandbox, 's3-helper.yml'));
  const { status, stdout, stderr } = spawnSync('sh', ['-euc', local], {
    cwd: sandbox,
    encoding: 'utf8',
    timeout: DEADLINE_MS,
    env: {
      PATH: `${join(sandbox, 'bin')}:/usr/bin:/bin`,
      HOME: sandbox,
      AWS_EC2_METADATA_DISABLED: 'true',
      S3_HELPER_S3_BUCKET: 'my-media',
      S3_HELPER_S3_REGION: 'eu-west-1',
    },
  });
  return { code: status, output: stdout + stderr };
}

beforeAll(() => {
  sandbox = mkdtempSync(join(tmpdir(), 's3-helper-examples-'));
  const program = join(sandbox, 'bin/s3-helper');
  mkdirSync(join(sandbox, 'bin'));
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, 'src/main.ts')}' "$@"\n`);
  chmodSync(program, 0o755);
  writeFileSync(join(sandbox, 's3-helper.yml'), GOOD_FILE);
});
afterAll(() => rmSync(sandbox, { recursive: true }));

test('there are commands of both kinds, and configurations', () => {
  const commands = listCommands();
  expect(commands.filter(isNotRun).length).toBeGreaterThan(10);
  expect(commands.filter((one) => !isNotRun(one)).length).toBeGreaterThan(1);
  expect(listBlocks('yaml').filter(isConfiguration).length).toBeGreaterThan(4);
});

test.each(listCommands().filter((one) => !isNotRun(one)))('$place: $text', ({ text }) => {
  // Nothing but this program is run: any other command has a row in commands-not-run.ts that says why not, and where it is.
  expect(text).toMatch(/^s3-helper\b[^;&|<>`$]*$/);
  const { code, output } = run(text);
  expect([code, output]).toEqual([0, expect.any(String)]);
});

test('a command that is wrong would be found', () => {
  expect(run('s3-helper --chek').code).toBe(64);
  expect(run('s3-helper --check --config /nowhere.yml').code).toBe(78);
});

test('what is not run is in a document, has a reason, and a place that is there', () => {
  const commands = listCommands();
  for (const { start, reason, place } of COMMANDS_NOT_RUN) {
    expect([start, commands.some(({ text }) => text.startsWith(start))]).toEqual([start, true]);
    expect(reason).not.toBe('');
    if (place !== undefined) expect([place, existsSync(join(ROOT, place))]).toEqual([place, true]);
  }
  expect(commands.filter(({ text }) => SERVES.pattern.test(text))).not.toEqual([]);
  expect(existsSync(join(ROOT, SERVES.place))).toBe(true);
});

test.each(listBlocks('yaml').filter(isConfiguration))('$place is a good configuration', ({ text }) => {
  const file = join(sandbox, 'example.yml');
  writeFileSync(file, text);
  const { code, output } = run(`s3-helper --check --config ${file}`);
  expect([code, output]).toEqual([0, expect.stringContaining('the configuration is good')]);
});

test('a configuration that is wrong would be found', () => {
  writeFileSync(join(sandbox, 'wrong.yml'), 's3: {bucket: my-media, regoin: eu-west-1}\n');
  expect(run('s3-helper --check --config wrong.yml')).toEqual({
    code: 78,
    output: expect.stringContaining('did you mean s3.region?') as string,
  });
});

test('what is taken for another program’s YAML holds no key of ours', () => {
  const names = [...SETTING_NAMES, ...LEGACY_KEYS.keys(), 'routes'].map((name) => name.split('.')[0]);
  expect([...NOT_CONFIGURATIONS].filter((key) => names.includes(key))).toEqual([]);
});

test.each(listBlocks('json'))('$place is JSON', ({ text }) => {
  expect(JSON.parse(text)).toBeTypeOf('object');
});

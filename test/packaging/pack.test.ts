import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { InstalledTree } from '../../scripts/installed-tree.ts';
import { type PackedProject, packProject } from '../../scripts/pack-project.ts';
import { startDemo } from '../cli/start-demo.ts';
import { runProgram } from '../cli/run-program.ts';
import { loadText } from '../config/load-text.ts';
import { sendRequest } from '../support/send-request.ts';
import { startProgram } from '../support/start-program.ts';
import { findSampleErrors, type Sample } from './find-sample-errors.ts';
import { type InstalledPackage, installPacked } from './install-packed.ts';
import { PROJECT } from './read-compose.ts';

const directory = mkdtempSync(join(tmpdir(), 's3-helper-pack-'));
let packed: PackedProject;
let installed: InstalledPackage;

beforeAll(() => {
  packed = packProject(directory);
  installed = installPacked(packed.tarball, join(directory, 'elsewhere'));
}, 90_000);

afterAll(() => rmSync(directory, { recursive: true }));

/** What may be in the package beside the program. */
const OTHER_FILES = [
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  'config/default.yml',
  'dist/config.d.ts',
  'package.json',
  'test/fixtures/media/clip.mp4',
];

test('the package holds what runs, its papers and the film of the demo, and nothing else', () => {
  const paths = packed.files.map(({ path }) => path);
  const others = paths.filter((path) => !path.startsWith('dist/') || path.endsWith('.d.ts'));
  expect(others.sort()).toEqual(OTHER_FILES);
  const built = paths.filter((path) => path.startsWith('dist/') && !others.includes(path));
  expect(built.filter((path) => !/\.js$|^dist\/admin\/page\/[\w-]+\.(?:css|html|svg)$/.test(path))).toEqual(
    [],
  );
  // One for one: nothing is left over from another build, and nothing is forgotten.
  const sources = ts.sys
    .readDirectory(join(PROJECT, 'src'), ['.ts', '.js', '.css', '.html', '.svg'])
    .map((path) => path.slice(join(PROJECT, 'src/').length));
  expect(built.sort()).toEqual(sources.map((path) => `dist/${path.replace(/\.ts$/, '.js')}`).sort());
});

test('its command may be run, and is a script for Node', () => {
  expect(statSync(installed.command).mode & 0o777).toBe(0o755);
  expect(readFileSync(installed.command, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
});

describe('What is imported', () => {
  /** Shown lines of the demo's log are prettier with it, where a checkout has it. */
  const WHERE_PRESENT = ['pino-pretty'];

  /** Every import of the built files, static or not, by file. */
  function* listImports(): Generator<{ readonly file: string; readonly from: string }> {
    for (const { path: file } of packed.files) {
      if (!file.endsWith('.js') || file.startsWith('dist/admin/page/')) continue;
      const text = readFileSync(join(installed.folder, file), 'utf8');
      for (const { fileName: from } of ts.preProcessFile(text, true, true).importedFiles)
        yield { file, from };
    }
  }

  test('is in the package, is of Node, or is a dependency at run time', () => {
    const { required, optional } = new InstalledTree(PROJECT).direct;
    const known = [...required, ...optional, ...WHERE_PRESENT];
    const paths = packed.files.map(({ path }) => path);
    const imports = [...listImports()];
    expect(imports.length).toBeGreaterThan(500);
    const strangers = imports.filter(({ file, from }) => {
      if (from.startsWith('.')) return !paths.includes(join(dirname(file), from));
      const name = from.split('/', from.startsWith('@') ? 2 : 1).join('/');
      return !isBuiltin(from) && !known.includes(name);
    });
    expect(strangers).toEqual([]);
  });

  test('is every dependency at run time', () => {
    const text = packed.files
      .filter(({ path }) => path.endsWith('.js'))
      .map(({ path }) => readFileSync(join(installed.folder, path), 'utf8'))
      .join('\n');
    const unused = new InstalledTree(PROJECT).direct.required.filter(
      (name) => !new RegExp(`['"]${name}[/'"]`).test(text),
    );
    expect(unused).toEqual([]);
  });
});

describe('Installed without the packages for development,', () => {
  test('it says its version and checks a configuration', async () => {
    const { version } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as {
      version: string;
    };
    const main = installed.command;
    expect(await runProgram(['--version'], { main })).toEqual({
      code: 0,
      stdout: `${version}\n`,
      stderr: '',
    });
    const args = ['check', '--config', join(installed.folder, 'config/default.yml'), '--s3-bucket=media'];
    const { code, stdout } = await runProgram(args, { main });
    expect(stdout).toContain('the configuration is good');
    expect(code).toBe(0);
  });

  test('its demo reads a range of the film and ends with 0', async () => {
    const demo = await startDemo(['--port', '0'], { main: installed.command });
    expect(demo.output()).toContain('262144 right bytes');
    expect(await demo.stop()).toBe(0);
  });

  test('it serves with the status page, metrics and statsd', async () => {
    const program = await startProgram({
      main: installed.command,
      yaml: stringify({
        listen: '127.0.0.1:0',
        s3: { bucket: 'media', region: 'eu-west-1', endpoint: 'http://127.0.0.1:9' },
        admin: { listen: '127.0.0.1:0' },
        statsd: { address: '127.0.0.1:9' },
      }),
      environment: { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'an-example' },
    });
    try {
      const admin = String(program.logLines.find(({ msg }) => msg === 'listening')?.['admin']);
      const port = Number(admin.slice(admin.lastIndexOf(':') + 1));
      const files = packed.files.flatMap(
        ({ path }) => /^dist\/admin(\/page\/.+(?<!\.html))$/.exec(path)?.[1] ?? [],
      );
      expect(files.length).toBeGreaterThan(5);
      for (const path of ['/', ...files, '/page/uplot.js', '/page/uplot.css', '/metrics', '/status.json']) {
        const { status, text } = await sendRequest(port, path);
        expect({ path, status, isEmpty: text === '' }).toEqual({ path, status: 200, isEmpty: false });
      }
    } finally {
      expect(await program.stop()).toBe(0);
    }
    expect(program.standardError()).toBe('');
  });
});

describe('The types of the configuration file', () => {
  /** The default file as a value: what it leaves empty is left out. */
  function readDefaults(): Record<string, unknown> {
    const text = readFileSync(join(installed.folder, 'config/default.yml'), 'utf8');
    const strip = (value: unknown): unknown =>
      value !== null && typeof value === 'object' && !Array.isArray(value)
        ? Object.fromEntries(
            Object.entries(value)
              .filter(([, below]) => below !== null)
              .map(([key, below]) => [key, strip(below)]),
          )
        : value;
    // A mode is text: as a number YAML would lose its zero.
    return { ...(strip(parse(text)) as object), socket_mode: '0660' };
  }

  const FULL = {
    listen: ['127.0.0.1:8080', 'unix:/run/s3-helper.sock'],
    workers: 'auto',
    s3: { bucket: 'media', region: 'eu-west-1', client: 'undici', path_style: true },
    routes: [
      {
        path: '/avod/',
        bucket: 'my-ads',
        credentials: { role_arn: 'arn:aws:iam::123456789012:role/reader', duration: '1h30m' },
      },
    ],
    timeouts: { first_byte: '500ms' },
    retries: { attempts: 3 },
    log: { level: 'warn', sample: 0.1 },
  };
  const claim = (name: string, value: unknown): Sample => ({
    name,
    text: `import type { ConfigFile } from 's3-helper/config';\nexport const file: ConfigFile = ${JSON.stringify(value)};`,
  });
  const wrong = [
    claim('an unknown key', { s3: { bukket: 'media' } }),
    claim('an unknown section', { s4: {} }),
    claim('a number without a unit', { timeouts: { drain: 30 } }),
    claim('text for a switch', { hedge: { enabled: 'yes' } }),
    claim('another word', { log: { level: 'loud' } }),
    claim('text for a number', { retries: { attempts: 'three' } }),
    claim('a route without a path', { routes: [{ bucket: 'ads' }] }),
    claim('a key that routes have not', { routes: [{ path: '/', timeouts: {} }] }),
  ];

  test.each([
    ['Node', ts.ModuleResolutionKind.NodeNext],
    ['a bundler', ts.ModuleResolutionKind.Bundler],
  ])('take the defaults and a full file, and refuse what the program refuses, as %s resolves', (_, how) => {
    const right = [claim('the defaults', readDefaults()), claim('a full file', FULL)];
    const errors = findSampleErrors(installed.directory, [...right, ...wrong], how);
    for (const { name } of right) expect(errors.get(name), name).toEqual([]);
    for (const { name } of wrong) expect(errors.get(name), name).toHaveLength(1);
  });

  test("fit docs/configuration.md's example", () => {
    const page = readFileSync(join(PROJECT, 'docs/configuration.md'), 'utf8');
    const examples = [...page.matchAll(/```ts\n([^]*?)```/g)].map(([, text = ''], at) => ({
      name: `example ${at}`,
      text,
    }));
    expect(examples).toHaveLength(1);
    expect([...findSampleErrors(installed.directory, examples).values()]).toEqual([[]]);
  });

  test('the program takes the full file as well', () => {
    expect(loadText(stringify(FULL)).routes.map(({ path }) => path)).toEqual(['/avod/', '/']);
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  formatDependencyTable,
  listDependencyRows,
  parseDependencyTable,
} from '../../scripts/describe-dependencies.ts';
import { findLicenceFaults } from '../../scripts/find-licence-faults.ts';
import { type AllowScripts, findScriptFaults } from '../../scripts/find-script-faults.ts';
import { InstalledTree, type LockedPackage } from '../../scripts/installed-tree.ts';
import { PROJECT } from './read-compose.ts';

const tree = new InstalledTree(PROJECT);
const { required, optional } = tree.direct;
const atRunTime = tree.below([...required, ...optional]);
const page = readFileSync(join(PROJECT, 'docs/dependencies.md'), 'utf8');
const { allowScripts } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as {
  readonly allowScripts: AllowScripts;
};

const SAMPLE: LockedPackage = {
  path: 'node_modules/a',
  name: 'a',
  version: '1.0.0',
  licence: 'MIT',
  hasInstallScript: false,
  bytes: 1,
};

test('the lock file is read as npm resolves it', () => {
  const names = atRunTime.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining([...required, ...optional, 'sonic-boom', '@smithy/types']));
  expect(names.filter((name) => /^(?:vitest|eslint|typescript|node)$/.test(name))).toEqual([]);
  // Inside of another package, where the outer one has another version.
  expect(atRunTime.some(({ path }) => path.split('node_modules/').length > 2)).toBe(true);
  expect(tree.all.length).toBeGreaterThan(atRunTime.length);
});

describe('docs/dependencies.md', () => {
  const written = parseDependencyTable(page);
  const measured = listDependencyRows(tree);
  const withoutSizes = (rows: typeof written) => rows.map((row) => ({ ...row, megabytes: '' }));

  test('has the versions, counts and licences of the lock file', () => {
    expect(withoutSizes(written)).toEqual(withoutSizes(measured));
  });

  test('has the sizes of what is installed', () => {
    // Not every optional package is there for every machine and every Node; those that are required are.
    const isWhole = (name: string): boolean => {
      const asked = { all: [...required, ...optional], 'all but the optional': required }[name];
      return tree.below(asked ?? [name.replace(' (optional)', '')]).every(({ bytes }) => bytes !== undefined);
    };
    const sizes = (rows: typeof written) =>
      rows.filter(({ name }) => isWhole(name)).map(({ name, megabytes }) => ({ name, megabytes }));
    expect(sizes(measured).length).toBeGreaterThan(required.length);
    expect(sizes(written)).toEqual(sizes(measured));
  });

  test('says of every package that is asked for why, and of no other', () => {
    const [, reasons = ''] = /## Why each\n([^]*?)\n## /.exec(page) ?? [];
    const explained = [...reasons.matchAll(/^\| `([^`]+)` +\| ([^|]{10,}?) *\| ([^|]{10,}?) *\|$/gm)];
    expect(explained.map(([, name]) => name).sort()).toEqual([...required, ...optional].sort());
  });

  test('a table is read back as it was written', () => {
    expect(parseDependencyTable(`${formatDependencyTable(measured)}\n`)).toEqual(measured);
  });
});

describe('Licences', () => {
  test('are allowed, at run time and for development', () => {
    expect(findLicenceFaults(atRunTime, 'run time')).toEqual([]);
    expect(findLicenceFaults(tree.all, 'development')).toEqual([]);
  });

  test.each([
    ['GPL-3.0-only', 'run time'],
    ['GPL-3.0-only', 'development'],
    ['MPL-2.0', 'run time'],
    ['none', 'run time'],
    ['SEE LICENSE IN LICENSE', 'run time'],
    ['GPL-2.0 OR AGPL-3.0', 'development'],
    ['MIT AND GPL-3.0-only', 'run time'],
    ['New Relic Software License v1.0', 'run time'],
  ] as const)('%s is noticed at %s', (licence, use) => {
    expect(findLicenceFaults([{ ...SAMPLE, licence }], use)).toEqual([
      `node_modules/a 1.0.0: ${licence} is not allowed at ${use}`,
    ]);
  });

  test.each(['MIT OR GPL-3.0-only', '(BSD-2-Clause OR MIT)'])('of %s one may be chosen', (licence) => {
    expect(findLicenceFaults([{ ...SAMPLE, licence }], 'run time')).toEqual([]);
  });
});

describe('Install scripts', () => {
  test('are all decided about, and none is needed at run time', () => {
    expect(findScriptFaults(tree.all, allowScripts)).toEqual([]);
    const allowed = atRunTime.filter(({ name, hasInstallScript }) => hasInstallScript && allowScripts[name]);
    expect(allowed).toEqual([]);
  });

  test('a new one is noticed, and one that went away', () => {
    const packages = [
      { ...SAMPLE, hasInstallScript: true },
      { ...SAMPLE, name: 'b', path: 'node_modules/b' },
    ];
    expect(findScriptFaults(packages, { b: false })).toEqual([
      'node_modules/a 1.0.0: has an install script; write true or false in allowScripts',
      'b: is in allowScripts and has no install script',
    ]);
  });
});

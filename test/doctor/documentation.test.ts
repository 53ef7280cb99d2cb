import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { CONFIGURATION } from '../../src/cli/doctor/examine-configuration.ts';
import { loadChecks } from '../../src/cli/doctor/load-checks.ts';
import { readRows } from '../docs/read-table.ts';

const text = readFileSync(new URL('../../docs/doctor.md', import.meta.url), 'utf8');

test('the table of docs/doctor.md has every check, in order, with what it proves and what to do', async () => {
  const rows = readRows(text.split('\n').filter((line) => line.startsWith('| `')));
  const names = (await loadChecks()).map(({ name }) => `\`${name}\``);
  expect(rows.map(([name]) => name)).toEqual([`\`${CONFIGURATION}\``, ...names]);
  expect(rows.filter((row) => row.length !== 3 || row.includes(''))).toEqual([]);
});

test('each check is a file of its name, stands in a place of its own and says what to do where it is late', async () => {
  const folder = new URL('../../src/cli/doctor/checks/', import.meta.url);
  const files = readdirSync(folder).map((file) => basename(file, '.ts'));
  const checks = await loadChecks();
  expect(checks.map(({ name }) => name).sort()).toEqual(files.sort());
  expect(new Set(checks.map(({ order }) => order)).size).toBe(checks.length);
  expect(checks.filter(({ whenLate, deadlineMs }) => whenLate === '' || deadlineMs > 70_000)).toEqual([]);
});

test('each check is tested against a fault of its own', async () => {
  const folder = new URL('./', import.meta.url);
  const tests = readdirSync(folder)
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => readFileSync(new URL(name, folder), 'utf8'))
    .join('\n');
  const untested = (await loadChecks()).filter(({ name }) => !tests.includes(`'${name}'`));
  expect(untested).toEqual([]);
});

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config/load-config.ts';
import { readConfig } from '../../src/config/read-config.ts';
import { ROUTE_KEYS, SETTING_NAMES, SETTINGS } from '../../src/config/settings.ts';

const FILE = new URL('../../config/default.yml', import.meta.url);
const TEXT = readFileSync(FILE, 'utf8');
const NOTHING = { flags: new Map<string, string>(), environment: {}, fileIsOptional: true };

/** The dotted names of a tree's leaves, with what stands there. */
function flatten(tree: object, prefix = ''): [string, unknown][] {
  return Object.entries(tree).flatMap(([key, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? flatten(value, `${prefix}${key}.`)
      : [[prefix + key, value]],
  );
}

test('the default file holds every key and no other', () => {
  const names = flatten(parse(TEXT, { schema: 'failsafe' }) as object).map(([name]) => name);
  expect(names.toSorted()).toEqual([...SETTING_NAMES, 'routes'].toSorted());
  expect(readConfig({ ...NOTHING, file: FILE.pathname }).mistakes).toEqual([]);
});

test('each key stands there with its default, and empty where it has none', () => {
  const written = new Map(flatten(parse(TEXT, { schema: 'failsafe' }) as object));
  for (const name of SETTING_NAMES) {
    const value = written.get(name);
    expect([name, Array.isArray(value) ? value.join(',') : value]).toEqual([
      name,
      SETTINGS[name].defaultText ?? '',
    ]);
  }
});

test('the default file says what is so without it', () => {
  const flags = new Map([
    ['s3.bucket', 'media'],
    ['s3.region', 'eu-west-1'],
  ]);
  const fromFile = loadConfig({ ...NOTHING, flags, file: FILE.pathname });
  const fromNothing = loadConfig({ ...NOTHING, flags, file: '/nonexistent/s3-helper.yml' });
  expect(fromFile).toEqual(fromNothing);
});

test('the example route holds every key of a route, and is good', () => {
  const example = TEXT.slice(TEXT.indexOf('\nroutes: []'))
    .split('\n')
    .filter((line) => line.startsWith('#  '))
    .map((line) => line.slice(1))
    .join('\n');
  const routes = parse(example) as Record<string, unknown>[];
  expect(Object.keys(routes[0] ?? {})).toEqual(ROUTE_KEYS);
  const environment = { S3_HELPER_ROUTES: example };
  const config = loadConfig({ ...NOTHING, environment, file: FILE.pathname });
  expect(config.routes.map(({ path }) => path)).toEqual(['/avod/']);
});

test('a comment stands above every key', () => {
  const lines = TEXT.split('\n');
  for (const name of [...SETTING_NAMES, 'routes']) {
    const key = name.replace(/^.*\./, '');
    const indent = name.includes('.') ? '  ' : '';
    const place = lines.findIndex((line) => line.startsWith(`${indent}${key}:`));
    expect([name, lines[place - 1]?.startsWith(`${indent}# `)]).toEqual([name, true]);
  }
});

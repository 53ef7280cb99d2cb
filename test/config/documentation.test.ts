import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { LEGACY_KEYS } from '../../src/config/legacy-keys.ts';
import { environmentName, flagName, SETTING_NAMES, SETTINGS } from '../../src/config/settings.ts';
import { readRows } from '../docs/read-table.ts';
import { FILE, findMistakes, loadText } from './load-text.ts';

const read = (name: string): string =>
  readFileSync(new URL(`../../docs/${name}.md`, import.meta.url), 'utf8');

/** The cells of the table under a heading, without its head. */
function readTableBelow(text: string, heading: string): string[][] {
  const [, after = ''] = text.split(`\n## ${heading}\n`);
  return readRows((after.split('\n## ')[0] ?? '').split('\n')).slice(2);
}

/** Old keys that are today's. */
const SAME_NAME = ['`listen`', '`newrelic.license`', '`newrelic.name`'].map((name) => [name, name]);

const code = (text: string): string => (text === '' ? 'none' : `\`${text}\``);

test('the table of keys names each key with its environment variable, flag and default', () => {
  const rows = readTableBelow(read('configuration'), 'Every key');
  const documented = rows.map(([name, variable, flag, , standard]) => [name, variable, flag, standard]);
  const expected = SETTING_NAMES.map((name) => [
    `\`${name}\``,
    `\`${environmentName(name)}\``,
    `\`${flagName(name)}\``,
    code(SETTINGS[name].defaultText ?? ''),
  ]);
  expect(documented.toSorted()).toEqual(
    [...expected, ['`routes`', '`S3_HELPER_ROUTES`', '', 'none']].toSorted(),
  );
  expect(rows.every((row) => row.length === 6 && row[3] !== '' && row[5] !== '')).toBe(true);
});

test('the table of old keys names each with what it becomes', () => {
  const rows = readTableBelow(read('migrating-from-evs-s3helper'), 'Every old key');
  const expected = [...LEGACY_KEYS].map(([name, { becomes }]) => [`\`${name}\``, `\`${becomes}\``]);
  expect(rows.map(([name, becomes]) => [name, becomes]).toSorted()).toEqual(
    [...SAME_NAME, ...expected].toSorted(),
  );
  expect(rows.filter(([, , before, now]) => before === '' || now === '')).toEqual([]);
});

test('the examples of the documentation are good, and route as it says', () => {
  const examples = [...read('configuration').matchAll(/```yaml\n(.*?)```/gs)].map(([, yaml = '']) => yaml);
  expect(examples).toHaveLength(2);
  expect(loadText(examples[0] ?? '').routes).toHaveLength(1);
  const { routes } = loadText(examples[1] ?? '');
  expect(routes.map(({ path, s3 }) => [path, s3.bucket, s3.prefix, s3.region])).toEqual([
    ['/archive/', 'films-archive', 'hd', 'us-west-2'],
    ['/avod/', 'advertisements', '', 'eu-west-1'],
    ['/', 'films', 'hd', 'eu-west-1'],
  ]);
});

test('the mistakes of the documentation are word for word what is said', () => {
  const text = 's3: {bucket: films, region: eu-west-1}\ntimeouts: {conect: 1s}\n';
  for (const mistake of findMistakes(text, { environment: { S3_HELPER_S3_FIPS: 'yes' } })) {
    expect(read('configuration')).toContain(`s3-helper: ${mistake.replace(FILE, '/etc/s3-helper.yml')}\n`);
  }
});

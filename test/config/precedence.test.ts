import { expect, test } from 'vitest';
import { environmentName, SETTING_NAMES } from '../../src/config/settings.ts';
import { BUCKET_AND_REGION, findMistakes, loadText } from './load-text.ts';

const FILE_TEXT = `${BUCKET_AND_REGION}timeouts: {drain: 3s}\n`;
const ENVIRONMENT = { S3_HELPER_TIMEOUTS_DRAIN: '2s' };
const FLAGS = { 'timeouts.drain': '1s' };

test.each([
  { said: 'nowhere', text: BUCKET_AND_REGION, others: {}, drainMs: 30_000 },
  { said: 'in the file', text: FILE_TEXT, others: {}, drainMs: 3000 },
  { said: 'in file and environment', text: FILE_TEXT, others: { environment: ENVIRONMENT }, drainMs: 2000 },
  { said: 'everywhere', text: FILE_TEXT, others: { environment: ENVIRONMENT, flags: FLAGS }, drainMs: 1000 },
  { said: 'in file and flag', text: FILE_TEXT, others: { flags: FLAGS }, drainMs: 1000 },
])('a flag wins over the environment, that over the file, that over the default: $said', (row) => {
  expect(loadText(row.text, row.others).timeouts.drainMs).toBe(row.drainMs);
});

test('an empty value counts for none, wherever it is written', () => {
  const empty = { environment: { S3_HELPER_TIMEOUTS_DRAIN: '' }, flags: { 'timeouts.drain': '' } };
  expect(loadText(FILE_TEXT, empty).timeouts.drainMs).toBe(3000);
  expect(loadText(`${BUCKET_AND_REGION}timeouts: {drain: }\nlog:\n`).timeouts.drainMs).toBe(30_000);
  expect(loadText(`${BUCKET_AND_REGION}timeouts: {drain: ~}\nlog: null\n`).timeouts.drainMs).toBe(30_000);
});

test('every key can be written in the environment', () => {
  const variables = SETTING_NAMES.map((name) => [environmentName(name), '!?']);
  const mistakes = findMistakes('', { environment: Object.fromEntries(variables) as Record<string, string> });
  const acceptsAnything = ['s3.prefix', 'log.ident', 'newrelic.name'];
  expect(mistakes.map((mistake) => mistake.split(':')[0]).toSorted()).toEqual(
    SETTING_NAMES.filter((name) => !acceptsAnything.includes(name)).toSorted(),
  );
  expect(mistakes.every((mistake) => mistake.includes('(environment S3_HELPER_'))).toBe(true);
});

test('a value in YAML is the text that is written there, as in the environment', () => {
  const config = loadText('s3: {bucket: 0123, region: eu-west-1, prefix: no}\nlog: {ident: null-and-void}\n');
  expect(config.routes[0]?.s3).toMatchObject({ bucket: '0123', prefix: 'no' });
  expect(loadText(`${BUCKET_AND_REGION}socket_mode: 0600\n`).socketMode).toBe(0o600);
});

test('a key may also be written flat in the file, but not twice', () => {
  expect(loadText(`${BUCKET_AND_REGION}log.level: warn\n`).log.level).toBe('warn');
  expect(findMistakes(`${BUCKET_AND_REGION}log.level: warn\nlog: {level: info}\n`)).toEqual([
    'log.level: is there twice (the-file.yml); keep one of them',
  ]);
});

test('the configuration cannot be changed', () => {
  const config = loadText(BUCKET_AND_REGION);
  expect([config, config.routes, config.routes[0]?.s3, config.timeouts].every(Object.isFrozen)).toBe(true);
});

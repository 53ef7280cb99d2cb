import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ConfigError } from '../../src/config/config-error.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { BUCKET_AND_REGION, findMistakes } from './load-text.ts';

test.each([
  ['a bracket that stays open', 's3:\n  bucket: [media\nlisten: x\n', 3],
  ['a quote that stays open', 'listen: "127\n', 2],
  ['a key twice', 'listen: ":1"\nlisten: ":2"\n', 2],
  ['a key twice in a section', 's3:\n  bucket: a-b\n  bucket: c-d\n', 3],
  ['a tab for indentation', 's3:\n\tbucket: media\n', 2],
  ['two documents', 'listen: ":1"\n---\nlisten: ":2"\n', 2],
  ['an alias', 's3: &a {bucket: media}\nroutes: [*a]\n', 2],
  ['an alias in itself', 's3: &a {bucket: *a}\n', 1],
  ['an alias without anchor', 'listen: *there\n', 1],
])('what is not YAML is one sentence with its line: %s', (_, text, line) => {
  const mistakes = findMistakes(text);
  expect(mistakes).toHaveLength(1);
  expect(mistakes[0]).toMatch(/^the-file\.yml is not YAML: [^\n]+ \(line \d+, column \d+\)$/);
  expect(mistakes[0]).toContain(`(line ${line}, `);
});

test.each(['- listen\n', 'listen\n', '[]\n'])('a file that holds no keys is a mistake: %j', (text) => {
  expect(findMistakes(text)).toEqual([
    'the-file.yml must hold keys with values, such as "listen: 127.0.0.1:8080"',
  ]);
});

test.each(['', '# nothing yet\n', '---\n'])('an empty file says nothing: %j', (text) => {
  expect(findMistakes(text, { flags: { 's3.bucket': 'media', 's3.region': 'eu-west-1' } })).toEqual([]);
});

test('routes in the environment are YAML too', () => {
  const environment = { S3_HELPER_ROUTES: '[{path: /a/, bucket: ads-bucket}' };
  expect(findMistakes(BUCKET_AND_REGION, { environment })).toEqual([
    expect.stringMatching(/^environment S3_HELPER_ROUTES is not YAML: .+ \(line 1, column 33\)$/),
  ]);
});

test('a file that cannot be read is one sentence; only the default file may be missing', () => {
  const directory = mkdtempSync(join(tmpdir(), 's3-helper-config-'));
  const load = (file: string, fileIsOptional: boolean): readonly string[] => {
    try {
      const flags = new Map(Object.entries({ 's3.bucket': 'media', 's3.region': 'eu-west-1' }));
      loadConfig({ file, fileIsOptional, flags, environment: {} });
      return [];
    } catch (error) {
      if (error instanceof ConfigError) return error.mistakes;
      throw error;
    }
  };
  const missing = join(directory, 'missing.yml');
  expect(load(missing, false)).toEqual([`cannot read ${missing}: no such file or directory`]);
  expect(load(missing, true)).toEqual([]);
  expect(load(directory, true)).toEqual([`cannot read ${directory}: illegal operation on a directory`]);
  rmSync(directory, { recursive: true });
});

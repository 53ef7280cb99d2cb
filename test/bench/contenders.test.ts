import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fillIn, parseContenders, readContenders } from '../../bench/contenders.ts';

test('the shipped file is well-formed and brings nobody', () => {
  expect(readContenders(join(import.meta.dirname, '../../bench/contenders.yml'))).toEqual([]);
});

test('a missing file and an empty one bring nobody', () => {
  expect(readContenders('/does/not/exist.yml')).toEqual([]);
  expect(parseContenders('# nothing\n')).toEqual([]);
});

test('a contender needs a name and a command, and gets the rest', () => {
  expect(parseContenders('contenders: [{ name: other, command: [other, --port, "{port}"] }]')).toEqual([
    {
      name: 'other',
      command: ['other', '--port', '{port}'],
      environment: {},
      protocols: ['http', 'https'],
      path: '/',
    },
  ]);
});

test.each([
  'contenders: [{ name: other }]',
  'contenders: [{ name: other, command: [] }]',
  'contenders: [{ name: ../other, command: [other] }]',
  'contenders: [{ name: other, command: [other], protocols: [ftp] }]',
  'contestants: []',
])('%s is refused', (text) => {
  expect(() => parseContenders(text)).toThrow();
});

test('known names in braces are filled in and others stay', () => {
  expect(fillIn('127.0.0.1:{port}/{bucket} {other}', { port: '80', bucket: 'b' })).toBe(
    '127.0.0.1:80/b {other}',
  );
});

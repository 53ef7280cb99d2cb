import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { loadLineFormat } from '../../src/demo/load-line-format.ts';

const LINE =
  '{"level":"warn","time":"2026-01-15T12:34:56.789Z","name":"s3-helper","pid":1,"status":403,"msg":"request"}';

test('people get one line with the time, the level and the rest', async () => {
  const format = await loadLineFormat(true);
  expect(stripVTControlCharacters(format(LINE))).toBe('[12:34:56.789] WARN: request {"status":403}');
});

test('programs get the line as it is', async () => {
  const format = await loadLineFormat(false);
  expect(format(LINE)).toBe(LINE);
});

test('what is no line of the log stays as it is', async () => {
  const format = await loadLineFormat(true);
  expect(format('a word of Node')).toBe('a word of Node');
});

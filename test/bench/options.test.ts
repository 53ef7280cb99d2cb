import { expect, test } from 'vitest';
import { readOptions } from '../../bench/options.ts';

const cellNames = (argv: readonly string[]): string[] =>
  readOptions(argv).cells.map(({ size, connections }) => `${size.label}, ${connections}`);

test('a plain run measures every size, and the smallest with one and many connections', () => {
  const { rounds, mode, parts } = readOptions([]);
  expect([rounds, mode, parts.has('growth')]).toEqual([5, 'medium', false]);
  expect(cellNames([])).toEqual([
    '1 KB, 16',
    '64 KB, 16',
    '256 KB range, 16',
    '1 MB range, 16',
    '8 MB, 16',
    '1 KB, 1',
    '1 KB, 64',
  ]);
});

test('a full run measures every cell and the growth', () => {
  expect(cellNames(['--full'])).toHaveLength(15);
  expect(readOptions(['--full']).parts.has('growth')).toBe(true);
});

test('drawing measures nothing', () => {
  const { mode, parts } = readOptions(['--draw']);
  expect([mode, parts.size]).toEqual(['draw', 0]);
});

test('the guard takes seconds', () => {
  const { cells, protocols, rounds, seconds } = readOptions(['--quick']);
  expect(cells.length * protocols.length * rounds * seconds).toBeLessThanOrEqual(15);
});

test('sizes and connections can be chosen', () => {
  expect(cellNames(['--sizes', '8 MB,1 KB', '--connections', '4'])).toEqual(['1 KB, 4', '8 MB, 4']);
});

test.each([['--only', 'speed'], ['--rounds', '0'], ['--rounds', 'x'], ['--sizes', '2 KB'], ['--slow']])(
  '%s %s is refused',
  (...argv) => {
    expect(() => readOptions(argv)).toThrow();
  },
);

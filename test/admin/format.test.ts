import { expect, test } from 'vitest';

type Format = (value: number, other?: number) => string;

// The page's scripts are JavaScript, which only the browser's own compilation reads with types.
const PATH = '../../src/admin/page/format.js';
const format = (await import(PATH)) as Record<string, Format>;

test.each([
  ['formatCount', [0], '0'],
  ['formatCount', [1234567], '1,234,567'],
  ['formatRate', [0], '0'],
  ['formatRate', [0.4236], '0.42'],
  ['formatRate', [7.26], '7.3'],
  ['formatRate', [12_345.6], '12,346'],
  ['formatBytes', [0], '0 B'],
  ['formatBytes', [999], '999 B'],
  ['formatBytes', [1000], '1.0 kB'],
  ['formatBytes', [999_600], '1.0 MB'],
  ['formatBytes', [34_200_000], '34 MB'],
  ['formatBytes', [2.5e18], '2500 PB'],
  ['formatMs', [0.42], '0.42 ms'],
  ['formatMs', [45.4], '45 ms'],
  ['formatMs', [999.6], '1.0 s'],
  ['formatMs', [2440], '2.4 s'],
  ['formatMs', [64_000], '64 s'],
  ['formatShare', [0, 0], '–'],
  ['formatShare', [0, 100], '0 %'],
  ['formatShare', [100, 100], '100 %'],
  ['formatShare', [99_999, 100_000], '> 99.9 %'],
  ['formatShare', [1, 100_000], '< 0.1 %'],
  ['formatShare', [14, 100], '14 %'],
  ['formatShare', [1, 64], '1.6 %'],
  ['formatCountdown', [9], '0:09'],
  ['formatCountdown', [-312.5], '5:12'],
  ['formatCountdown', [18_764.9], '5:12:44'],
  ['formatDuration', [9_900], '9 s'],
  ['formatDuration', [12 * 60_000], '12 min'],
  ['formatDuration', [312 * 60_000], '5 h 12 min'],
  ['formatDuration', [3 * 86_400_000], '3 days'],
  ['formatTime', [Date.UTC(2026, 0, 15, 3, 12, 44)], '03:12:44'],
] as const)('%s of %j is "%s"', (name, values, text) => {
  const [value, other] = values;
  expect(format[name]!(value, other)).toBe(text);
});

test('what was not measured is a dash', () => {
  expect(format['formatMs']!(null as never)).toBe('–');
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FAILURES } from '../../src/failures.ts';
import { toErrorCode, toMethod, toRetryCause, toStatus } from '../../src/telemetry/label-values.ts';

const S3 = join(import.meta.dirname, '../../src/s3');

test('every cause that the program writes is one that metrics know', () => {
  const texts = readdirSync(S3, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => readFileSync(join(S3, path), 'utf8'));
  const literals = texts.flatMap((text) => [...text.matchAll(/causes\.push\('(\w+)'\)/g)]);
  const cures = texts.flatMap((text) => [...text.matchAll(/^export type Cure = (.*);$/gm)]);
  const names = [
    ...literals.map(([, name = '']) => name),
    ...cures.flatMap(([, union = '']) => [...union.matchAll(/'(\w+)'/g)].map(([, name = '']) => name)),
  ].filter((name) => name !== 'hedge');
  expect(names.length).toBeGreaterThanOrEqual(5);
  expect(names.map(toRetryCause)).toEqual(names);
});

test.each([
  ['s3_reset', 's3_reset'],
  ['503 SlowDown', 'SlowDown'],
  ['503', '503'],
  ['503 MadeUp', 'other'],
  ['anything at all', 'other'],
])('the cause %s is counted under %s', (cause, label) => {
  expect(toRetryCause(cause)).toBe(label);
});

test('what clients and S3 make up is counted under one name', () => {
  expect(['NoSuchKey', 'MadeUp', '404', '99', '700', ''].map(toErrorCode)).toEqual([
    ...['NoSuchKey', 'other', '404', 'other', 'other', 'other'],
  ]);
  expect(['GET', 'HEAD', 'get', 'BREW', undefined].map(toMethod)).toEqual([
    ...['GET', 'HEAD', 'other', 'other', 'other'],
  ]);
  expect([200, 599, 0, 600].map(toStatus)).toEqual(['200', '599', 'other', 'other']);
});

test('every failure is a cause under its own name', () => {
  expect(Object.keys(FAILURES).map(toRetryCause)).toEqual(Object.keys(FAILURES));
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from './read-markdown.ts';
import { readRows } from './read-table.ts';

const TEXT = readFileSync(join(ROOT, 'docs/security.md'), 'utf8');

/** Cells of the tables of what an attacker cannot do, as they are written. */
const CLAIMS = TEXT.split('\n| Cannot | Held in | Shown by |\n')
  .slice(1)
  .flatMap((after) => readRows((after.split('\n\n')[0] ?? '').split('\n').slice(1)));

function listLinks(cell = ''): string[] {
  return [...cell.matchAll(/\]\((.*?)\)/g)].map(([, url = '']) => url);
}

test('each of the four attackers has claims', () => {
  expect(TEXT.split('\n| Cannot | ')).toHaveLength(1 + 4);
  expect(CLAIMS.length).toBeGreaterThan(20);
});

test.each(CLAIMS.map(([claim = '', ...rest]) => [claim, rest] as const))(
  'names the file that holds it and the test that shows it: %s',
  (_, [heldIn, shownBy]) => {
    expect(listLinks(heldIn)).not.toEqual([]);
    expect(listLinks(heldIn).filter((url) => !/^\.\.\/src\/.+\.ts$/.test(url))).toEqual([]);
    expect(listLinks(shownBy)).not.toEqual([]);
    expect(listLinks(shownBy).filter((url) => !/^\.\.\/test\/.+\.test\.ts$/.test(url))).toEqual([]);
  },
);

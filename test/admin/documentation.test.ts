import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CHECK_NAMES } from '../../src/admin/health-checks.ts';
import { SERIES } from '../../src/admin/history.ts';
import { OUTCOMES } from '../../src/admin/outcome.ts';
import { PARTIES } from '../../src/admin/verdict.ts';
import { readTable } from '../docs/read-table.ts';
import { useAdmin } from './open-admin.ts';

const WHOLE = readFileSync(new URL('../../docs/telemetry.md', import.meta.url), 'utf8');
const TEXT = WHOLE.split('\n## Health checks and the status page\n')[1]?.split('\n## ')[0] ?? '';

function readNames(head: string): string[] {
  return readTable(TEXT, head).map(([name = '']) => name.replaceAll('`', ''));
}

const scene = useAdmin();

/** The fields of a document by their paths; those that are counted are told apart. */
function listFields(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => listFields(one, `${path}[]`));
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, field]) => {
    if (path === 'verdict.parties') return listFields(field, `${path}.*`);
    return listFields(field, path === '' ? key : `${path}.${key}`);
  });
}

interface Document {
  readonly recent: Record<string, unknown>;
  readonly totals: Record<string, unknown>;
}

async function readStatus(): Promise<Document> {
  // So that every list has an entry.
  scene.feed.feed(3, { status: 503, s3ErrorCode: 'SlowDown' });
  return JSON.parse((await scene.ask('/status.json')).text) as Document;
}

test('the fields of /status.json are those of the documentation', async () => {
  const status = await readStatus();
  const counts = new Set(readNames('Count'));
  const { recent, totals, ...rest } = status;
  const own = Object.fromEntries(Object.entries(recent).filter(([name]) => !counts.has(name)));
  const fields = [...new Set([...listFields(rest), ...listFields(own, 'recent')])];
  expect(fields.toSorted()).toEqual(readNames('Field').toSorted());
  expect([...counts].toSorted()).toEqual(Object.keys(totals).toSorted());
  for (const name of counts) expect(Object.keys(recent)).toContain(name);
});

test('so are the outcomes, the parties, the checks and the series of the history', async () => {
  expect(readNames('Outcome')).toEqual([...OUTCOMES]);
  expect(readNames('Party')).toEqual([...PARTIES]);
  expect(readNames('Check')).toEqual([...CHECK_NAMES]);
  expect(readNames('Series')).toEqual([...SERIES]);
  const history = JSON.parse((await scene.ask('/history.json')).text) as { series: object };
  expect(Object.keys(history.series)).toEqual([...SERIES]);
});

test('every row of these tables says what it means', () => {
  const heads = ['Field', 'Count', 'Outcome', 'Check', 'Series', 'Party', 'Path'];
  for (const head of heads) {
    const rows = readTable(TEXT, head);
    expect(rows.length).toBeGreaterThan(3);
    for (const [name = '', ...meanings] of rows) {
      expect([name, meanings.some((meaning) => meaning !== '')]).toEqual([name, true]);
    }
  }
});

test('the paths that are documented are those that there are', async () => {
  const { text } = await scene.ask('/nothing');
  const paths = text.split('there is ')[1]?.trim().split(' ') ?? [];
  expect(readNames('Path').toSorted()).toEqual(paths.toSorted());
});

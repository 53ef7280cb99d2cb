import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { waitUntil } from '../support/with-deadline.ts';
import { type Cell, FAULT_CELLS, FAULT_ROWS } from './fault-table/cells.ts';
import { expectCell } from './fault-table/expect-cell.ts';
import { openPlaces, type Places } from './fault-table/open-places.ts';
import { type Played, playCell } from './fault-table/play-cell.ts';
import { QUESTIONS } from './fault-table/question.ts';

/** Cells that are played at a time; most of their time is waiting. */
const AT_ONCE = 24;

const played = new Map<Cell, Played | { readonly error: unknown }>();
let places: Places;

beforeAll(async () => {
  // The pauses before retries are by chance, which is the retry policy's own test; here there are none.
  vi.spyOn(Math, 'random').mockReturnValue(0);
  places = await openPlaces();
  const waiting = inOtherOrder(FAULT_CELLS);
  // The first one pays for everything that is made once, and must not be taken for slow.
  await playCell({ ...FAULT_CELLS.at(-1)!, key: 'first' }, places.at.strict);
  await Promise.all(Array.from({ length: AT_ONCE }, () => playAll(waiting)));
}, 120_000);

afterAll(async () => {
  vi.restoreAllMocks();
  await places.close();
});

/** So that cells of one row, which may all wait for a time-out, do not stand next to each other. */
function inOtherOrder<T>(all: readonly T[]): T[] {
  const stride = 97;
  return Array.from({ length: stride }, (_, start) =>
    all.filter((_cell, at) => at % stride === start),
  ).flat();
}

async function playAll(waiting: Cell[]): Promise<void> {
  for (let cell = waiting.shift(); cell !== undefined; cell = waiting.shift()) {
    const place = places.at[cell.row.place ?? 'strict'];
    played.set(cell, await playCell(cell, place).catch((error: unknown) => ({ error })));
  }
}

describe('A fault of S3, as the client, S3 and the report see it:', () => {
  test.each(FAULT_CELLS)('$name', (cell) => {
    const outcome = played.get(cell)!;
    if ('error' in outcome) throw outcome.error;
    expectCell(cell, outcome);
  });
});

test('Every fault has a name of its own, and a cell for every question.', () => {
  const names = FAULT_CELLS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const perRow = FAULT_ROWS.map(({ frequencies }) => frequencies.length * QUESTIONS.length);
  expect(FAULT_CELLS).toHaveLength(perRow.reduce((sum, cells) => sum + cells, 0));
});

test('After all of them no connection is left.', async () => {
  const open = (): number => places.servers.reduce((sum, s3) => sum + s3.openConnections(), 0);
  await waitUntil(() => open() === 0, 'the end of all connections');
});

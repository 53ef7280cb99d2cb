import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FAULT_CELLS, FAULT_ROWS } from './fault-table/cells.ts';

test('README states how many cells the fault table has', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8').replaceAll(/\s+/g, ' ');
  expect(readme).toContain(`${FAULT_ROWS.length} faults of S3 in ${FAULT_CELLS.length} cells`);
});

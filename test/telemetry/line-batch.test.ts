import { expect, test } from 'vitest';
import { LineBatch } from '../../src/telemetry/line-batch.ts';

const MOST_BYTES = 128 * 1024;
const LINE = `${'x'.repeat(399)}\n`;

/** Adds so many batches of so many lines. @returns what was handed on */
function handOn(batches: number, linesEach: number): Buffer[] {
  const pieces: Buffer[] = [];
  const batch = new LineBatch(
    { write: (lines) => pieces.push(lines) },
    { mostBytes: MOST_BYTES, delayMs: 60_000 },
  );
  for (let count = 0; count < batches; count += 1) {
    for (let line = 0; line < linesEach; line += 1) batch.add(LINE);
    batch.flush();
  }
  return pieces;
}

test.each([1, 50, 200])(
  'Batches of %i lines that wait hold little more memory than their lines',
  (linesEach) => {
    const pieces = handOn(20, linesEach);
    const lineBytes = pieces.reduce((sum, { length }) => sum + length, 0);
    const memories = new Set(pieces.map(({ buffer }) => buffer));
    const memoryBytes = [...memories].reduce((sum, { byteLength }) => sum + byteLength, 0);
    expect(lineBytes).toBe(20 * linesEach * LINE.length);
    expect(memoryBytes).toBeLessThan(2 * lineBytes + MOST_BYTES);
  },
);

test('What was handed on stays as it is while more is added', () => {
  const pieces = handOn(20, 3);
  expect(pieces.map(String)).toEqual(Array.from({ length: 20 }, () => LINE.repeat(3)));
});

/** The name that somebody most likely meant, or undefined where none is near. */
export function findNearestName(written: string, names: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  let leastEdits = Math.floor(written.length / 3) + 1;
  for (const name of names) {
    const edits = countEdits(written.toLowerCase(), name.toLowerCase());
    if (edits < leastEdits) [nearest, leastEdits] = [name, edits];
  }
  return nearest;
}

/** Optimal string alignment: letters put in, left out, changed, or two of them swapped, in three rows of the table. */
function countEdits(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let line = 1; line <= from.length; line++) {
    const row = [line];
    for (let column = 1; column <= to.length; column++) {
      const change = at(last, column - 1) + (from[line - 1] === to[column - 1] ? 0 : 1);
      const isSwapped = from[line - 1] === to[column - 2] && from[line - 2] === to[column - 1];
      const swap = isSwapped ? at(beforeLast, column - 2) + 1 : Infinity;
      row.push(Math.min(change, at(last, column) + 1, at(row, column - 1) + 1, swap));
    }
    beforeLast = last;
    last = row;
  }
  return at(last, to.length);
}

/** Infinity off the table. */
function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}

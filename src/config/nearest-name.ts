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

/** Levenshtein distance, in one row of the table. */
function countEdits(from: string, to: string): number {
  const row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let line = 1; line <= from.length; line++) {
    let diagonal = line - 1;
    row[0] = line;
    for (let column = 1; column <= to.length; column++) {
      const above = row[column] ?? 0;
      const change = diagonal + (from[line - 1] === to[column - 1] ? 0 : 1);
      row[column] = Math.min(change, above + 1, (row[column - 1] ?? 0) + 1);
      diagonal = above;
    }
  }
  return row[to.length] ?? 0;
}

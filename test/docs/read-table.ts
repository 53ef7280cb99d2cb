/**
 * The cells of a table in Markdown, as they are written.
 * @param head - the first of its heads, with bars between them
 */
export function readTable(markdown: string, head: string): string[][] {
  const [, after = ''] = markdown.split(`\n| ${head} |`);
  return readRows(after.split('\n\n')[0]?.split('\n').slice(2) ?? []);
}

/** The cells of those lines that are rows of a table. */
export function readRows(lines: readonly string[]): string[][] {
  return lines.filter((line) => line.startsWith('|')).map(readCells);
}

function readCells(row: string): string[] {
  return row
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim());
}

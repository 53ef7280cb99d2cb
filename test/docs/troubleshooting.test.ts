import { expect, test } from 'vitest';
import * as exitCodes from '../../src/cli/exit-codes.ts';
import { FAILURES } from '../../src/failures.ts';
import type { SentenceKind } from './find-said.ts';
import { findSentences, listSentences, parse } from './list-sentences.ts';
import { readDocument } from './read-markdown.ts';

const DOCUMENT = await readDocument('docs/troubleshooting.md');
const SENTENCES = listSentences();

/** The rows of all tables whose first column has this head. */
function readRows(head: string): readonly (readonly string[])[] {
  return DOCUMENT.tables.filter((table) => table.head[0] === head).flatMap(({ rows }) => rows);
}

/** What only passes on a sentence that another place made. */
const RELAYS = [
  'cli/read-config-or-explain.ts',
  'cli/reload.ts',
  'cli/reloadable-service.ts',
  'cli/run-service.ts',
  'cli/run.ts',
  'config/resolve-location.ts',
];
const IS_RELAY = /^[….: ]*$/;

/** The texts of these kinds, each once. */
function listTexts(...kinds: readonly SentenceKind[]): string[] {
  const texts = SENTENCES.filter(({ kind, text }) => kinds.includes(kind) && !IS_RELAY.test(text)).map(
    ({ text }) => text,
  );
  return [...new Set(texts)].toSorted();
}

test.each<readonly [string, readonly SentenceKind[]]>([
  ['Log line', ['log', 'warning']],
  ['On standard error', ['stderr']],
  ['Mistake', ['mistake']],
  ['Cause says', ['cause']],
])('under "%s" is every sentence of the program, and no other', (head, kinds) => {
  const documented = readRows(head).map(([text = '']) => text);
  // A sentence that is missing here wants a row with its cause and its fix in docs/troubleshooting.md.
  expect(documented.toSorted()).toEqual(listTexts(...kinds));
});

test('every failure is there once, with its status', () => {
  const documented = readRows('Failure').map(([name, status]) => [name, Number(status)]);
  const expected = Object.entries(FAILURES).map(([name, { status }]) => [name, status]);
  expect(documented.toSorted()).toEqual(expected.toSorted());
});

test('every exit code is there', () => {
  const { EXIT_SIGNAL, ...others } = exitCodes;
  const expected = [0, 1, ...Object.values(others), ...Object.values(EXIT_SIGNAL)];
  expect(readRows('Exit code').map(([code]) => Number(code))).toEqual(expected.toSorted((a, b) => a - b));
});

test('every row says what it means and what to do', () => {
  const rows = DOCUMENT.tables.flatMap(({ rows: all }) => all);
  expect(rows.length).toBeGreaterThan(100);
  expect(rows.filter((row) => row.some((cell) => cell.trim() === ''))).toEqual([]);
});

test('what passes sentences on is known', () => {
  const relays = SENTENCES.filter(({ text }) => IS_RELAY.test(text));
  expect([...new Set(relays.map(({ file }) => file))].toSorted()).toEqual(RELAYS);
});

const SAMPLE = `
const SPLIT = 'one ' + 'sentence';
function choose(n: number): string {
  return n > 1 ? 'many' : \`only \${n}\`;
}
this.#parts.logger.warn({ n }, choose(n));
logger.error({}, SPLIT);
process.stderr.write(\`s3-helper: \${n} is wrong\\n\`);
process.stderr.write(describeElsewhere(n));
process.emitWarning('the disk is full');
throw new ListenError('nobody');
mistakes.push(\`\${name}: is wrong\`);
const warnings = given ? [] : ['has no effect'];
yield 'fips: leave it out';
console.error('not ours');
`;

const ELSEWHERE = `
export function describeElsewhere(n: number): string {
  return \`s3-helper: broke at \${n}\\n\`;
}
passed.map((one) => 'two are passed');
`;

test('the reader of sentences finds them in whatever form they are written', () => {
  const sources = [parse('config/sample.ts', SAMPLE), parse('cli/systemd/sample.ts', ELSEWHERE)];
  expect(findSentences(sources).map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
    'log: many',
    'log: only …',
    'log: one sentence',
    'stderr: … is wrong',
    'stderr: broke at …',
    'stderr: the disk is full',
    'stderr: nobody',
    'mistake: …: is wrong',
    'warning: has no effect',
    'mistake: fips: leave it out',
    'stderr: broke at …',
    'stderr: two are passed',
  ]);
});

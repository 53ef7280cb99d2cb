import type { FailureName } from '../../../src/failures.ts';
import type { Fault } from '../../servers/fake-s3-faults.ts';
import { cut, type Expectation, failed, resumed, served } from './expectation.ts';
import type { Question } from './question.ts';
import { type FaultRow, type Frequency, SILENT_BODY, row } from './row.ts';

const MOST_RESUMES = 5;

type Kind = 'finish' | 'reset' | 'stall';

/** The body breaks after so many bytes of each answer that it befalls. */
function breaksAt(kind: Kind, place: string, at: (question: Question) => number): FaultRow {
  const failure: FailureName = kind === 'stall' ? 'body_stall' : 'body_cut';
  return row(
    `${kind === 'finish' ? 'FIN' : kind === 'reset' ? 'RST' : 'silence'} ${place}`,
    (question): Fault => ({ kind, at: at(question) }),
    (question, frequency) => expectBreaks(question, frequency, { failure, at: at(question) }),
    kind === 'stall' ? SILENT_BODY : {},
  );
}

function expectBreaks(
  question: Question,
  frequency: Frequency,
  { failure, at }: { readonly failure: FailureName; readonly at: number },
): Expectation {
  // The answer to a HEAD ends with its head.
  if (question.method === 'HEAD') return served(question);
  if (frequency === 'once') return resumed(question, [at], failure);
  const breaks = Array.from({ length: MOST_RESUMES }, (_, index) => (index + 1) * at);
  if (at === 0) return { ...failed(failure, 1 + MOST_RESUMES), resumedAt: breaks };
  const inTheBody = breaks.filter((place) => place < question.length);
  if ((MOST_RESUMES + 1) * at >= question.length) return resumed(question, inTheBody, failure);
  return cut(question, failure, {
    atLeast: (MOST_RESUMES + 1) * at,
    requests: 1 + MOST_RESUMES,
    resumedAt: breaks,
    causes: breaks.map(() => failure),
  });
}

const KINDS: readonly Kind[] = ['finish', 'reset', 'stall'];

/** What nothing is wrong with, in whatever way it comes. */
const HARMLESS: readonly FaultRow[] = [
  row('the body in pieces', { kind: 'drip', bytes: 20_000, everyMs: 5 }, served),
  row('a short silence in the body', { kind: 'stall', at: 30_000, forMs: 30 }, served),
  row('Connection: close', { kind: 'close' }, served),
  row('another ETag', { kind: 'etag', etag: '"another"' }, served),
  row('no ETag', { kind: 'headers', set: { ETag: null } }, served),
  row('no Date', { kind: 'headers', set: { Date: null } }, served),
];

/** A break where nothing says that the rest would be of the same object. */
function unsafe(name: string, etag: string): FaultRow {
  return row(
    `FIN in the body of an object with ${name}`,
    { kind: 'finish', at: 30_000 },
    (question) =>
      question.method === 'HEAD' ? served(question) : cut(question, 'body_cut', { atLeast: 30_000 }),
    { etag },
  );
}

export const ROWS_IN_THE_BODY: readonly FaultRow[] = [
  ...KINDS.flatMap((kind) => [
    breaksAt(kind, 'before the first byte of the body', () => 0),
    breaksAt(kind, 'after 1 byte', () => 1),
    breaksAt(kind, 'after 10 000 bytes', () => 10_000),
    breaksAt(kind, 'after 30 000 bytes', () => 30_000),
    breaksAt(kind, 'before the last byte', ({ length }) => length - 1),
  ]),
  ...HARMLESS,
  unsafe('a weak ETag', 'W/"weak"'),
  unsafe('an empty ETag', ''),
  row(
    'FIN in the body where retries.resumes is 0',
    { kind: 'finish', at: 30_000 },
    (question) =>
      question.method === 'HEAD' ? served(question) : cut(question, 'body_cut', { atLeast: 30_000 }),
    { settings: { 'retries.resumes': '0' } },
  ),
];

import { QUESTIONS, type Question } from './question.ts';
import type { FaultRow, Frequency } from './row.ts';
import { ROWS_BEFORE_THE_HEAD } from './rows-before-the-head.ts';
import { ROWS_IN_THE_BODY } from './rows-in-the-body.ts';
import { ROWS_OF_ANSWERS } from './rows-of-answers.ts';
import { ROWS_OF_FRAMING } from './rows-of-framing.ts';
import { ROWS_OF_PLACES } from './rows-of-places.ts';
import { ROWS_OF_RESUMES } from './rows-of-resumes.ts';

/** One fault, met by one question, once or always. */
export interface Cell {
  readonly name: string;
  /** Of the object that nobody else asks for. */
  readonly key: string;
  readonly row: FaultRow;
  readonly question: Question;
  readonly frequency: Frequency;
}

export const FAULT_ROWS: readonly FaultRow[] = [
  ...ROWS_OF_ANSWERS,
  ...ROWS_BEFORE_THE_HEAD,
  ...ROWS_IN_THE_BODY,
  ...ROWS_OF_FRAMING,
  ...ROWS_OF_RESUMES,
  ...ROWS_OF_PLACES,
];

/** The whole table: every fault, every question. */
export const FAULT_CELLS: readonly Cell[] = FAULT_ROWS.flatMap((row) =>
  row.frequencies.flatMap((frequency) =>
    QUESTIONS.map((question) => ({
      name: `${row.name} (${frequency}) × ${question.name}`,
      row,
      question,
      frequency,
    })),
  ),
).map((cell, index) => ({ ...cell, key: `cell-${index}` }));

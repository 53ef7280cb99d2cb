import type { Fault } from '../../servers/fake-s3-faults.ts';
import type { Expectation } from './expectation.ts';
import type { Question } from './question.ts';

/** How often the fault strikes: the first request that it can, or every one from there on. */
export type Frequency = 'once' | 'always';

/** Which S3 a row needs: one that verifies signatures, one that serves any, or a place where S3 cannot be had. */
export type Place = 'strict' | 'lenient' | 'nobody' | 'clear text' | 'expired' | 'wrong name' | 'untrusted';

/** One fault: a row of the table. */
export interface FaultRow {
  readonly name: string;
  /** Befalls the first requests, one each. */
  readonly before?: readonly Fault[];
  /** Befalls the next. */
  readonly fault: ((question: Question) => Fault) | undefined;
  readonly frequencies: readonly Frequency[];
  readonly expect: (question: Question, frequency: Frequency) => Expectation;
  readonly place?: Place;
  readonly settings?: Readonly<Record<string, string>>;
  /** Of the object, in place of `OBJECT_ETAG`. */
  readonly etag?: string;
}

/** For rows in which S3 falls silent. All others have time-outs that no busy machine comes near. */
export const SILENT_HEAD = { settings: { 'timeouts.first_byte': '500ms' } } as const;
export const SILENT_BODY = { settings: { 'timeouts.body_stall': '500ms' } } as const;

const BOTH: readonly Frequency[] = ['once', 'always'];

/** A row whose fault strikes once in half of its cells and always in the others. */
export function row(
  name: string,
  fault: Fault | ((question: Question) => Fault),
  expect: FaultRow['expect'],
  more: Partial<FaultRow> = {},
): FaultRow {
  return {
    name,
    fault: typeof fault === 'function' ? fault : () => fault,
    frequencies: BOTH,
    expect,
    ...more,
  };
}

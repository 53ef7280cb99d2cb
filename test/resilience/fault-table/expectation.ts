import type { FailureName } from '../../../src/failures.ts';
import { OBJECT_BYTES, type Question } from './question.ts';

/** What a client, S3 and the report must show of one cell. */
export interface Expectation {
  readonly client: ClientView;
  /** How many requests S3 sees; several where the two HTTP clients may differ. */
  readonly requests: readonly number[];
  /** For each resume, in order: how many bytes of the body were there already; undefined where that is chance. */
  readonly resumedAt: readonly number[] | undefined;
  /** Why there was more than one request; undefined where that is chance. */
  readonly causes: readonly Cause[] | undefined;
  readonly failure: readonly (FailureName | undefined)[];
  /** Bytes of the body by S3's first head, where that is wrong. */
  readonly promised?: number;
  /** Whether no request comes as far as S3. */
  readonly isNeverSeen?: boolean;
}

export type ClientView =
  /** The right status and every right byte, in an answer that is complete. */
  | { readonly is: 'whole'; readonly first: number; readonly length: number; readonly status: number }
  /** A complete small document of ours. */
  | { readonly is: 'error'; readonly status: number; readonly code: string }
  /** `atLeast` of the right bytes, and a cut that shows; `isSpoilt` where S3's own framing made them wrong. */
  | { readonly is: 'cut'; readonly status: number; readonly atLeast: number; readonly isSpoilt?: boolean }
  /** This many right bytes in a complete answer, or fewer and a cut that shows. */
  /** Depends on how S3's bytes fall into segments: a status of ours, or part of the body. */
  | { readonly is: 'error or cut'; readonly status: number; readonly code: string }
  | { readonly is: 'whole or cut'; readonly status: number; readonly length: number }
  /** The head of S3, which says this length, right or wrong. */
  | { readonly is: 'head'; readonly length: string | undefined };

/** A name, or several where what happened can be seen in two ways. */
export type Cause = string | readonly string[];

const ATTEMPTS = 3;

function repeat<T>(value: T, times: number): T[] {
  return Array.from({ length: times }, () => value);
}

/** As if there were no fault: one request, the right answer. */
export function served(question: Question): Expectation {
  const { status, first, length } = question;
  return {
    client: { is: 'whole', first, length, status },
    requests: [1],
    resumedAt: [],
    causes: [],
    failure: [undefined],
  };
}

/** The whole object with 200 in place of a range. */
export function servedWhole(question: Question): Expectation {
  return { ...served(question), client: { is: 'whole', first: 0, length: OBJECT_BYTES, status: 200 } };
}

/** The answer to a HEAD as S3 has given it. */
export function servedHead(question: Question, length: string | undefined): Expectation {
  return { ...served(question), client: { is: 'head', length } };
}

/** A second request brings the right answer. */
export function retried(question: Question, cause: Cause): Expectation {
  return { ...served(question), requests: [2], causes: [cause] };
}

/** S3's own status, at once. */
export function passed(status: number, code: string): Expectation {
  return {
    client: { is: 'error', status, code },
    requests: [1],
    resumedAt: [],
    causes: [],
    failure: [undefined],
  };
}

/** S3's own status, after all attempts. */
export function passedAfterRetries(status: number, code: string, cause: Cause): Expectation {
  return { ...passed(status, code), requests: [ATTEMPTS], causes: repeat(cause, ATTEMPTS - 1) };
}

const STATUS_BY_FAILURE: Partial<Record<FailureName, readonly [status: number, code: string]>> = {
  s3_first_byte_timeout: [504, 'GatewayTimeout'],
  body_stall: [504, 'GatewayTimeout'],
};

/** A status of ours, after so many attempts. */
export function failed(
  failures: FailureName | readonly FailureName[],
  attempts: number = ATTEMPTS,
): Expectation {
  const names = typeof failures === 'string' ? [failures] : failures;
  const [status, code] = STATUS_BY_FAILURE[names[0]!] ?? [502, 'BadGateway'];
  return {
    client: { is: 'error', status, code },
    requests: [attempts],
    resumedAt: [],
    causes: repeat(names, attempts - 1),
    failure: names,
  };
}

/** The body breaks at these places and is taken up again each time; the client notices nothing. */
export function resumed(question: Question, resumedAt: readonly number[], cause: Cause): Expectation {
  return {
    ...served(question),
    requests: [1 + resumedAt.length],
    resumedAt,
    causes: repeat(cause, resumedAt.length),
  };
}

/** The body breaks and cannot be taken up, by so many requests. */
export function cut(
  question: Question,
  failure: FailureName,
  { atLeast = 0, requests = 1, resumedAt = [] as readonly number[], causes = [] as readonly Cause[] } = {},
): Expectation {
  return {
    client: { is: 'cut', status: question.status, atLeast },
    requests: [requests],
    resumedAt,
    causes,
    failure: [failure],
  };
}

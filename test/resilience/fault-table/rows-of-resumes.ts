import type { Fault } from '../../servers/fake-s3-faults.ts';
import { type Cause, cut, type Expectation, resumed, served } from './expectation.ts';
import type { Question } from './question.ts';
import { type FaultRow, SILENT_HEAD, row } from './row.ts';

const BROKEN_AT = 30_000;
const ATTEMPTS = 3;

/** What befalls the request for the rest, after a FIN in the first body. */
function whileResuming(
  name: string,
  fault: Fault | ((question: Question) => Fault),
  expect: FaultRow['expect'],
  more: Partial<FaultRow> = {},
): FaultRow {
  const before: Fault[] = [{ kind: 'finish', at: BROKEN_AT }];
  return row(`in the request for the rest: ${name}`, fault, orServed(expect), { before, ...more });
}

function orServed(expect: FaultRow['expect']): FaultRow['expect'] {
  // The answer to a HEAD has no rest.
  return (question, frequency) =>
    question.method === 'HEAD' ? served(question) : expect(question, frequency);
}

function cutAfter(question: Question, causes: readonly Cause[] = []): Expectation {
  return cut(question, 'body_cut', {
    atLeast: BROKEN_AT,
    requests: 2 + causes.length,
    resumedAt: [BROKEN_AT],
    causes: ['body_cut', ...causes],
  });
}

/** An answer that is not the rest of the same object. */
function refused(name: string, fault: Fault | ((question: Question) => Fault)): FaultRow {
  return whileResuming(name, fault, (question) => cutAfter(question));
}

/** No answer that can be believed; another attempt may bring one. */
function retried(name: string, fault: Fault, cause: Cause): FaultRow {
  const expect: FaultRow['expect'] = (question, frequency) => {
    const causes = Array.from({ length: ATTEMPTS - 1 }, () => cause);
    if (frequency === 'always') return cutAfter(question, causes);
    const once = resumed(question, [BROKEN_AT], 'body_cut');
    return { ...once, requests: [3], causes: ['body_cut', cause] };
  };
  return whileResuming(name, fault, expect, fault.kind === 'stall' ? SILENT_HEAD : {});
}

function rest({ first, length }: Question): string {
  return `${first + BROKEN_AT}-${first + length - 1}`;
}

export const ROWS_OF_RESUMES: readonly FaultRow[] = [
  refused('412, as the object has changed', { kind: 'status', status: 412, code: 'PreconditionFailed' }),
  refused('another ETag', { kind: 'etag', etag: '"another"' }),
  refused('a weak ETag', { kind: 'etag', etag: 'W/"weak"' }),
  refused('no ETag', { kind: 'headers', set: { ETag: null } }),
  refused('200 and the whole object', { kind: 'whole-for-range' }),
  refused('an object of another size', (question) => ({
    kind: 'content-range',
    value: `bytes ${rest(question)}/100001`,
  })),
  refused('403 AccessDenied', { kind: 'status', status: 403, code: 'AccessDenied' }),
  refused('404 NoSuchKey', { kind: 'status', status: 404, code: 'NoSuchKey' }),
  refused('a redirect', { kind: 'redirect', status: 301 }),
  retried('a range further on', { kind: 'content-range', shiftBytes: 1 }, 's3_wrong_range'),
  retried('206 without Content-Range', { kind: 'content-range', value: null }, 's3_wrong_range'),
  retried('503 SlowDown', { kind: 'status', status: 503, code: 'SlowDown' }, '503 SlowDown'),
  retried('500 InternalError', { kind: 'status', status: 500, code: 'InternalError' }, '500 InternalError'),
  retried('RST before the head', { kind: 'reset', at: 'before-head' }, 's3_reset'),
  retried('FIN before the head', { kind: 'finish', at: 'before-head' }, 's3_reset'),
  retried('silence before the head', { kind: 'stall', at: 'before-head' }, 's3_first_byte_timeout'),
  retried('bytes that are no HTTP', { kind: 'garbage' }, 's3_bad_response'),
  whileResuming('chunks', { kind: 'chunked', damage: 'none' }, (question) =>
    resumed(question, [BROKEN_AT], 'body_cut'),
  ),
  whileResuming('103 Early Hints first', { kind: 'interim', status: 103 }, (question) =>
    resumed(question, [BROKEN_AT], 'body_cut'),
  ),
];

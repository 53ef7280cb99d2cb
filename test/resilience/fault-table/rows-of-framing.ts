import type { Fault } from '../../servers/fake-s3-faults.ts';
import { virtualBytes } from '../../servers/fake-s3-virtual-bytes.ts';
import {
  cut,
  type Expectation,
  failed,
  resumed,
  retried,
  served,
  servedHead,
  servedWhole,
} from './expectation.ts';
import { OBJECT_BYTES, OBJECT_ETAG, type Question } from './question.ts';
import { type FaultRow, type Frequency, SILENT_BODY, row } from './row.ts';

function isPart({ status }: Question): boolean {
  return status === 206;
}

/** What the head of a part says cannot be, and is not believed. */
function expectWrongRange(question: Question, frequency: Frequency): Expectation {
  // A client may see that there is more than the length says before anybody looks at the range.
  const failures = ['s3_wrong_range', 's3_bad_response'] as const;
  return frequency === 'once' ? retried(question, failures) : failed(failures);
}

function wrongRange(name: string, fault: Fault): FaultRow {
  return row(name, fault, (question, frequency) =>
    isPart(question) ? expectWrongRange(question, frequency) : served(question),
  );
}

/** More is promised than there is, so what is asked for in the end lies behind the object. */
function expectTooLong(failure: 'body_cut' | 'body_stall'): FaultRow['expect'] {
  return (question, frequency) => {
    if (question.method === 'HEAD') return servedHead(question, '10');
    if (isPart(question)) return expectWrongRange(question, frequency);
    const causes = frequency === 'once' ? [failure] : [failure, 's3_bad_response', 's3_bad_response'];
    const requests = 1 + causes.length;
    return {
      ...cut(question, failure, { atLeast: OBJECT_BYTES, requests, resumedAt: [OBJECT_BYTES], causes }),
      promised: OBJECT_BYTES + 10,
    };
  };
}

/** Nobody can tell that the object is longer than S3 says; the wire client sees that it sends more. */
function expectTooShort(question: Question, frequency: Frequency): Expectation {
  if (question.method === 'HEAD')
    return frequency === 'once' ? retried(question, 's3_bad_response') : failed('s3_bad_response');
  if (isPart(question)) return expectWrongRange(question, frequency);
  return {
    ...served(question),
    client: { is: 'whole or cut', status: 200, length: OBJECT_BYTES - 10 },
    requests: frequency === 'once' ? [1, 2] : [1, 4],
    resumedAt: undefined,
    causes: undefined,
    failure: [undefined, 'body_cut'],
  };
}

function expectNoEnd(question: Question): Expectation {
  if (!isPart(question)) return cut(question, 'body_cut');
  // All that was promised may come at once, and is held for the end: then there is still time for a status.
  return { ...failed('body_cut', 1), client: { is: 'error or cut', status: 502, code: 'BadGateway' } };
}

const CHUNKED: readonly FaultRow[] = [
  row('chunks', { kind: 'chunked', damage: 'none' }, (question) =>
    question.method === 'HEAD' ? servedHead(question, undefined) : served(question),
  ),
  row('chunks, one of them of no size', { kind: 'chunked', damage: 'bad-size' }, (question) =>
    question.method === 'HEAD' ? servedHead(question, undefined) : failed('body_cut', 1),
  ),
  row('chunks without their end', { kind: 'chunked', damage: 'no-end' }, (question) =>
    question.method === 'HEAD' ? servedHead(question, undefined) : expectNoEnd(question),
  ),
  row(
    'a chunk that is too short',
    { kind: 'chunked', damage: 'short-chunk' },
    (question) => {
      if (question.method === 'HEAD') return servedHead(question, undefined);
      const { status } = question;
      return { ...cut(question, 'body_stall'), client: { is: 'cut', status, atLeast: 1, isSpoilt: true } };
    },
    SILENT_BODY,
  ),
];

const ENDS_AT = 30_000;

/** Of a part Content-Range tells that there is more; of the whole object nothing does. */
function endsWithConnection({ method, status, first, length }: Question): Fault {
  const range = `Content-Range: bytes ${first}-${first + length - 1}/${OBJECT_BYTES}\r\n`;
  const head = `HTTP/1.1 ${status} OK\r\nETag: ${OBJECT_ETAG}\r\n${status === 206 ? range : ''}\r\n`;
  const body = method === 'HEAD' ? Buffer.alloc(0) : virtualBytes(first, ENDS_AT);
  return { kind: 'raw', bytes: Buffer.concat([Buffer.from(head), body]), then: 'finish' };
}

function expectTooEarly(question: Question, frequency: Frequency): Expectation {
  if (question.method === 'HEAD') return servedHead(question, undefined);
  if (!isPart(question))
    return frequency === 'once' ? retried(question, 's3_bad_response') : failed('s3_bad_response');
  if (frequency === 'once') return resumed(question, [ENDS_AT], 'body_cut');
  // The same bytes again are not the rest.
  const causes = ['body_cut', 's3_wrong_range', 's3_wrong_range'];
  return cut(question, 'body_cut', { atLeast: ENDS_AT, requests: 4, resumedAt: [ENDS_AT], causes });
}

export const ROWS_OF_FRAMING: readonly FaultRow[] = [
  row('Content-Length too large, then FIN', { kind: 'content-length', delta: 10 }, expectTooLong('body_cut')),
  row(
    'Content-Length too large, then RST',
    { kind: 'content-length', delta: 10, then: 'reset' },
    expectTooLong('body_cut'),
  ),
  row(
    'Content-Length too large, then silence',
    { kind: 'content-length', delta: 10, then: 'stall' },
    expectTooLong('body_stall'),
    SILENT_BODY,
  ),
  row('Content-Length too small', { kind: 'content-length', delta: -10 }, expectTooShort),
  ...CHUNKED,
  row('a body until the connection ends', { kind: 'until-close' }, (question, frequency) => {
    if (question.method === 'HEAD') return servedHead(question, undefined);
    // A part says its length in Content-Range too.
    if (isPart(question)) return served(question);
    return frequency === 'once' ? retried(question, 's3_bad_response') : failed('s3_bad_response');
  }),
  row('a body until the connection ends, which it does too early', endsWithConnection, expectTooEarly),
  wrongRange('a range further on', { kind: 'content-range', shiftBytes: 1000 }),
  wrongRange('a Content-Range of other bytes', { kind: 'content-range', value: 'bytes 0-9/100000' }),
  wrongRange('a Content-Range of unknown size', { kind: 'content-range', value: 'bytes 1000-60999/*' }),
  wrongRange('a Content-Range that is none', { kind: 'content-range', value: 'nonsense' }),
  wrongRange('206 without Content-Range', { kind: 'content-range', value: null }),
  row('200 for a range', { kind: 'whole-for-range' }, (question) =>
    isPart(question) ? servedWhole(question) : served(question),
  ),
];

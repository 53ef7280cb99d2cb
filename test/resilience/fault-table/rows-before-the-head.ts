import type { FailureName } from '../../../src/failures.ts';
import type { Fault } from '../../servers/fake-s3-faults.ts';
import { failed, retried, served } from './expectation.ts';
import { type FaultRow, SILENT_HEAD, row } from './row.ts';
import { S3_CLIENT } from '../../support/s3-client.ts';

/** Nothing that can be believed comes: another request is made, and in the end there is a status of ours. */
function absorbed(name: string, fault: Fault, ...failures: FailureName[]): FaultRow {
  return row(
    name,
    fault,
    (question, frequency) => (frequency === 'once' ? retried(question, failures) : failed(failures)),
    fault.kind === 'stall' ? SILENT_HEAD : {},
  );
}

function raw(bytes: string): Fault {
  return { kind: 'raw', bytes, then: 'finish' };
}

export const ROWS_BEFORE_THE_HEAD: readonly FaultRow[] = [
  absorbed('RST before the head', { kind: 'reset', at: 'before-head' }, 's3_reset'),
  absorbed('FIN before the head', { kind: 'finish', at: 'before-head' }, 's3_reset'),
  absorbed('RST in the head', { kind: 'reset', at: 'in-head' }, 's3_reset'),
  absorbed('FIN in the head', { kind: 'finish', at: 'in-head' }, 's3_reset', 's3_bad_response'),
  absorbed('silence before the head', { kind: 'stall', at: 'before-head' }, 's3_first_byte_timeout'),
  absorbed('silence in the head', { kind: 'stall', at: 'in-head' }, 's3_first_byte_timeout'),
  row('a short silence before the head', { kind: 'stall', at: 'before-head', forMs: 30 }, served),
  row('a short silence in the head', { kind: 'stall', at: 'in-head', forMs: 30 }, served),
  absorbed('bytes that are no HTTP', { kind: 'garbage' }, 's3_bad_response'),
  absorbed('a head over 64 KiB', { kind: 'long-head', bytes: 70_000 }, 's3_bad_response'),
  row('a head of 16 KB', { kind: 'long-head', bytes: 16_000 }, served),
  absorbed('HTTP/0.9', raw('<Error>no head</Error>'), 's3_bad_response', 's3_reset'),
  absorbed('HTTP/2', raw('\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x80'), 's3_bad_response', 's3_reset'),
  absorbed('a status of two digits', raw('HTTP/1.1 20 OK\r\n\r\n'), 's3_bad_response'),
  absorbed('a NUL in a header', raw('HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n'), 's3_bad_response'),
  absorbed(
    'two lengths',
    raw('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'),
    's3_bad_response',
  ),
  absorbed(
    'a length that is no number',
    { kind: 'headers', set: { 'Content-Length': 'many' } },
    's3_bad_response',
  ),
  // undici takes a 100 that nobody asked for to be no answer; RFC 9110 §15.2 would have it skipped. Both are sound.
  S3_CLIENT === 'wire'
    ? row('100 Continue first', { kind: 'interim' }, served)
    : absorbed('100 Continue first', { kind: 'interim' }, 's3_reset'),
  row('102 Processing first', { kind: 'interim', status: 102 }, served),
  row('103 Early Hints first', { kind: 'interim', status: 103 }, served),
];

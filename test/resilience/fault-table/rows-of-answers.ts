import type { Fault } from '../../servers/fake-s3-faults.ts';
import { type Expectation, passed, passedAfterRetries, retried } from './expectation.ts';
import type { Question } from './question.ts';
import { type FaultRow, type Frequency, row, SILENT_HEAD } from './row.ts';

/** To a HEAD the code does not come. */
const CODE_OF_HEAD: Readonly<Record<number, string>> = {
  403: 'AccessDenied',
  404: 'NoSuchKey',
  412: 'PreconditionFailed',
  416: 'InvalidRange',
  503: 'ServiceUnavailable',
};

function expectRetried(
  status: number,
  code: string | undefined,
): (question: Question, frequency: Frequency) => Expectation {
  return (question, frequency) => {
    const known = question.method === 'HEAD' ? undefined : code;
    const cause = known === undefined ? String(status) : `${status} ${known}`;
    if (frequency === 'once') return retried(question, cause);
    return passedAfterRetries(status, known ?? CODE_OF_HEAD[status] ?? 'S3Error', cause);
  };
}

function expectPassed(status: number, code: string): (question: Question) => Expectation {
  return ({ method }) => passed(status, method === 'HEAD' ? (CODE_OF_HEAD[status] ?? 'S3Error') : code);
}

const RETRIED_STATUSES = [
  [500, 'InternalError'],
  [502, 'BadGateway'],
  [503, 'SlowDown'],
  [503, 'ServiceUnavailable'],
  [504, 'GatewayTimeout'],
  [429, 'TooManyRequestsException'],
] as const;

/** The status alone would not be retried, and a HEAD has nothing else. */
const RETRIED_CODES = [
  [400, 'RequestTimeout'],
  [400, 'ThrottlingException'],
  [400, 'BandwidthLimitExceeded'],
  [403, 'RequestLimitExceeded'],
] as const;

const FINAL = [
  [400, 'InvalidRequest'],
  [400, 'KMS.DisabledException'],
  [403, 'AccessDenied'],
  [403, 'InvalidObjectState'],
  [404, 'NoSuchKey'],
  [405, 'MethodNotAllowed'],
  [412, 'PreconditionFailed'],
  [416, 'InvalidRange'],
  [501, 'NotImplemented'],
] as const;

function status(code: number, name: string, headers: Readonly<Record<string, string>> = {}): Fault {
  return { kind: 'status', status: code, code: name, headers };
}

function raw(head: string, body: string, then: 'finish' | 'stall' | 'keep'): Fault {
  return { kind: 'raw', bytes: `HTTP/1.1 ${head}\r\n\r\n${body}`, then };
}

export const ROWS_OF_ANSWERS: readonly FaultRow[] = [
  ...RETRIED_STATUSES.map(([code, name]) =>
    row(`${code} ${name}`, status(code, name), expectRetried(code, name)),
  ),
  ...RETRIED_CODES.map(([code, name]) =>
    row(`${code} ${name}`, status(code, name), (question, frequency) =>
      question.method === 'HEAD'
        ? expectPassed(code, name)(question)
        : expectRetried(code, name)(question, frequency),
    ),
  ),
  ...FINAL.map(([code, name]) => row(`${code} ${name}`, status(code, name), expectPassed(code, name))),
  row(
    '503 SlowDown, Retry-After: 0',
    status(503, 'SlowDown', { 'Retry-After': '0' }),
    expectRetried(503, 'SlowDown'),
  ),
  row(
    '503 SlowDown, Retry-After: 60, which is longer than the time for all attempts',
    status(503, 'SlowDown', { 'Retry-After': '60' }),
    expectPassed(503, 'SlowDown'),
  ),
  row(
    '500 InternalError, Connection: close',
    status(500, 'InternalError', { Connection: 'close' }),
    expectRetried(500, 'InternalError'),
  ),
  row(
    '502 of a load balancer, in HTML',
    ({ method }) =>
      raw('502 Bad Gateway\r\nContent-Length: 12', method === 'HEAD' ? '' : '<html>502!!!', 'keep'),
    expectRetried(502, undefined),
  ),
  row(
    '503 without a body',
    raw('503 Service Unavailable\r\nContent-Length: 0', '', 'keep'),
    expectRetried(503, undefined),
  ),
  row(
    '503 whose document breaks off',
    ({ method }) =>
      raw(
        '503 Slow Down\r\nContent-Length: 99',
        method === 'HEAD' ? '' : '<Error><Code>SlowDown</Code>',
        'finish',
      ),
    expectRetried(503, 'SlowDown'),
  ),
  row(
    '500 whose document stalls',
    ({ method }) =>
      raw(
        '500 Oh\r\nContent-Length: 99',
        method === 'HEAD' ? '' : '<Error><Co',
        method === 'HEAD' ? 'keep' : 'stall',
      ),
    expectRetried(500, undefined),
    SILENT_HEAD,
  ),
];

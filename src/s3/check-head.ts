import { ProxyFailure } from '../failures.ts';
import type { ResponseHead } from './attempt.ts';
import { type AskedRange, isAskedRange, parseAskedRange, parseSentRange } from './byte-range.ts';
import { findHeader } from './find-header.ts';

/** What was asked, to hold the answer against. */
export interface Question {
  readonly method: 'GET' | 'HEAD';
  readonly range: string | undefined;
  readonly hasPartNumber: boolean;
}

/**
 * Checks a 200 or 206 before a byte of it is believed: a shifted range of the right length would be played as media.
 * @returns bytes that the body must have; undefined where S3 sends it in chunks without saying.
 * @throws {ProxyFailure} `s3_bad_response` or `s3_wrong_range`.
 */
export function checkHead(head: ResponseHead, question: Question): number | undefined {
  const length = readContentLength(head);
  const rangeLength = head.statusCode === 206 ? checkPartial(head, question) : undefined;
  if (length !== undefined && rangeLength !== undefined && length !== rangeLength)
    throw new ProxyFailure('s3_wrong_range');
  const promised = length ?? rangeLength;
  // Without a length and without chunks the end of the connection is the end of the body, and a cut looks the same.
  if (
    promised === undefined &&
    question.method === 'GET' &&
    findHeader(head.headers, 'transfer-encoding') === undefined
  ) {
    throw new ProxyFailure('s3_bad_response');
  }
  return promised;
}

function readContentLength(head: ResponseHead): number | undefined {
  const text = findHeader(head.headers, 'content-length');
  if (text === undefined) return undefined;
  const length = Number(text);
  if (!/^\d{1,16}$/.test(text) || !Number.isSafeInteger(length)) throw new ProxyFailure('s3_bad_response');
  return length;
}

/** @returns bytes of the range, where it is one range */
function checkPartial(head: ResponseHead, question: Question): number | undefined {
  const asked: AskedRange | undefined =
    question.range === undefined ? undefined : parseAskedRange(question.range);
  const contentRange = findHeader(head.headers, 'content-range');
  if (contentRange === undefined) {
    // Several ranges may come in one multipart body (RFC 9110 §15.3.7.2); AWS sends the whole object instead.
    if (asked === undefined && question.range !== undefined) return undefined;
    throw new ProxyFailure('s3_wrong_range');
  }
  const sent = parseSentRange(contentRange);
  const isRight =
    sent !== undefined &&
    // Of two the client may read the other one.
    !isRepeated(head.headers, 'content-range') &&
    (asked === undefined
      ? question.range !== undefined || question.hasPartNumber
      : isAskedRange(sent, asked));
  if (!isRight) throw new ProxyFailure('s3_wrong_range');
  return sent.last - sent.first + 1;
}

function isRepeated(headers: readonly string[], name: string): boolean {
  return headers.filter((text, index) => index % 2 === 0 && text.toLowerCase() === name).length > 1;
}

import { parseResponse, type WireResponse } from '../support/parse-response.ts';
import { checkAnswer, checkBody, checkForm, type FuzzedObject, show } from './check-answer.ts';
import type { Reading } from './read-requests.ts';

/** What came back on a connection. */
export interface Received {
  readonly bytes: Buffer;
  /** How the other side ended it, if it did. */
  readonly closedBy: 'fin' | 'reset' | undefined;
}

const MAY_BE_REFUSED: ReadonlySet<Reading['end']> = new Set<Reading['end']>(['refused', 'unfinished']);
const STATUS_LINE = 'HTTP/1.1 ';

/**
 * Holds everything that came on a connection against what was sent on it: each answer in its place, well-formed, of the
 * right object and the right bytes, and nothing that nobody asked for.
 * @returns how many answers came, those included that need not come any more
 * @throws {Error} saying what is wrong
 */
export function checkAnswers(received: Received, reading: Reading, object: FuzzedObject): number {
  let rest = received.bytes;
  let count = 0;
  for (const request of reading.requests) {
    const answer = takeAnswer(rest, request.method, received);
    if (answer === undefined) break;
    checkAnswer(answer, request, object);
    rest = rest.subarray(answer.byteLength);
    count += 1;
    // Of HTTP/1.0 an answer without a body may be the last, whatever its client has asked for, if it says so.
    if (request.version === '1.0' && answer.header('connection') === 'close') {
      if (rest.length > 0) throw new Error(`bytes that belong to no answer: ${show(rest)}`);
      return reading.requests.length;
    }
  }
  if (count === reading.requests.length) {
    if (reading.end === 'unsure') {
      checkUnsure(rest, received, object);
      return count;
    }
    rest = takeRefusal(rest, reading, received);
  }
  // Something is still to come: the client may leave in the middle of it, and a RST can overtake its end.
  const isOwed = count < reading.requests.length || MAY_BE_REFUSED.has(reading.end);
  const isTorn = isOwed && received.closedBy !== 'fin' && isBegun(rest);
  if (rest.length > 0 && !isTorn) throw new Error(`bytes that belong to no answer: ${show(rest)}`);
  return count;
}

/** How many answers must come on a connection that its client leaves open. */
export function leastAnswers({ requests, end }: Reading): number {
  if (end === 'nothing' || end === 'closed') return requests.length;
  // A mistake behind a request that is being answered ends the connection after that answer.
  return Math.min(1, requests.length);
}

function takeAnswer(bytes: Buffer, method: string, { closedBy }: Received): WireResponse | undefined {
  if (bytes.length === 0) return undefined;
  const isEnded = closedBy === 'fin';
  return parseResponse(bytes, { method: method === 'HEAD' ? 'HEAD' : 'GET', isEnded });
}

/** One answer may tell what is wrong with the rest of the bytes. */
function takeRefusal(bytes: Buffer, { end }: Reading, received: Received): Buffer {
  if (!MAY_BE_REFUSED.has(end)) return bytes;
  // What could be read of it may have told that it was a HEAD.
  const answer = takeAnswer(bytes, 'GET', received) ?? takeAnswer(bytes, 'HEAD', received);
  if (answer === undefined) return bytes;
  checkForm(answer, answer.body.length === 0 ? 'HEAD' : 'GET');
  if (answer.status < 400 || answer.header('connection') !== 'close')
    throw new Error(`something that must be refused was answered with ${answer.statusLine}`);
  return bytes.subarray(answer.byteLength);
}

/**
 * Where requests can be read in two ways, nobody knows which answers are those to a HEAD and have no body: there must be
 * one way to read them in which all are right, but for one that its client has left, or a RST has overtaken.
 */
function checkUnsure(bytes: Buffer, received: Received, object: FuzzedObject): void {
  if (!isBegun(bytes)) throw new Error(`bytes that belong to no answer: ${show(bytes)}`);
  const mistakes: unknown[] = [];
  let isTorn = false;
  for (const method of ['GET', 'HEAD']) {
    try {
      const answer = takeAnswer(bytes, method, received);
      if (answer !== undefined) {
        checkForm(answer, method);
        checkBody(answer, method, object);
        checkUnsure(bytes.subarray(answer.byteLength), received, object);
        return;
      }
      isTorn = true;
    } catch (error) {
      mistakes.push(error);
    }
  }
  if (!isTorn) throw mistakes[0];
}

/** Whether this is the beginning of an answer, or nothing. */
function isBegun(bytes: Buffer): boolean {
  return bytes.toString('latin1', 0, STATUS_LINE.length) === STATUS_LINE.slice(0, bytes.length);
}

import type { ResponseHead } from '../attempt.ts';
import { WireError } from '../transport/wire-error.ts';

/** In place of a length: the body comes in chunks. */
export const CHUNKED = -1;
/** In place of a length: the body ends with the connection. */
export const UNTIL_CLOSE = -2;

export interface ParsedHead extends ResponseHead {
  /** Bytes of the body that will come, {@link CHUNKED} or {@link UNTIL_CLOSE}. */
  readonly bodyLength: number;
  /** Whether the connection may be used again. */
  readonly keepsAlive: boolean;
}

/** RFC 9112 §4; some servers give no reason. */
const STATUS_LINE = /^HTTP\/1\.[01] [1-5][0-9][0-9](?: [\t\x20-\x7e\x80-\xff]*)?\r\n/;
/**
 * RFC 9112 §5, without line folding: a name, and a value without the spaces around it. Tabs there stay in the value:
 * parsers disagree about them, so none may stand around a length or a coding.
 */
const FIELD_LINE =
  /([!#$%&'*+\-.^_`|~0-9A-Za-z]+): *(?:([\t\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\t\x21-\x7e\x80-\xff])?) *)?\r\n/y;
/** Exact as a number, and over any object's. */
const LENGTH = /^[0-9]{1,15}$/;

const SAYS_CLOSE = /(?:^|,)[ \t]*close[ \t]*(?:,|$)/;

/** What the fields say about the body and the connection. */
interface Framing {
  length: number | undefined;
  isChunked: boolean;
  saysClose: boolean;
}

/**
 * Reads one response head, strictly.
 * @param text - latin1, with the line end of the last field line, without the empty line
 * @throws {WireError} `WIRE_BAD_STATUS_LINE`, `WIRE_BAD_HEADER`, `WIRE_BAD_FRAMING`
 */
export function parseHead(text: string, isAnswerToHead: boolean): ParsedHead {
  if (!STATUS_LINE.test(text)) throw new WireError('WIRE_BAD_STATUS_LINE', 'a malformed status line');
  const isOld = text.startsWith('HTTP/1.0');
  const statusCode = Number(text.slice(9, 12));
  const framing: Framing = { length: undefined, isChunked: false, saysClose: isOld };
  const headers = readFields(text, text.indexOf('\n') + 1, framing);
  // Swift ends the chunks of a body that HEAD has none of: they belong to nothing, so nothing may follow them.
  framing.saysClose ||= isAnswerToHead && framing.isChunked;
  if (isOld && framing.isChunked) throw badFraming('chunks in HTTP/1.0');
  const bodyLength = findBodyLength(statusCode, framing, isAnswerToHead);
  return { statusCode, headers, bodyLength, keepsAlive: !framing.saysClose && bodyLength !== UNTIL_CLOSE };
}

/** Whether a line may stand behind a chunked body, where nothing may frame it anew (RFC 9110 §6.5.1). */
export function isTrailer(line: string): boolean {
  const framing: Framing = { length: undefined, isChunked: false, saysClose: false };
  readFields(line, 0, framing);
  return framing.length === undefined && !framing.isChunked;
}

function readFields(text: string, from: number, framing: Framing): string[] {
  const fields: string[] = [];
  for (let at = from; at < text.length; at = FIELD_LINE.lastIndex) {
    FIELD_LINE.lastIndex = at;
    const [, name, value = ''] = FIELD_LINE.exec(text) ?? [];
    if (name === undefined) throw new WireError('WIRE_BAD_HEADER', 'a malformed field line');
    fields.push(name, value);
    // Connection, Content-Length, Transfer-Encoding: no other name is looked at.
    if (name.length === 10 || name.length === 14 || name.length === 17)
      noteFraming(name.toLowerCase(), value.toLowerCase(), framing);
  }
  return fields;
}

function noteFraming(name: string, value: string, framing: Framing): void {
  if (name === 'content-length') {
    if (framing.length !== undefined || !LENGTH.test(value)) throw badFraming('not one length');
    framing.length = Number(value);
  } else if (name === 'transfer-encoding') {
    if (framing.isChunked || value !== 'chunked') throw badFraming('an unknown transfer coding');
    framing.isChunked = true;
  } else if (name === 'connection' && SAYS_CLOSE.test(value)) {
    framing.saysClose = true;
  }
}

/** RFC 9112 §6.3, refusing where that leaves a choice. */
function findBodyLength(statusCode: number, { length, isChunked }: Framing, isAnswerToHead: boolean): number {
  if (isChunked && length !== undefined) throw badFraming('a length and a transfer coding');
  const isNeverWithBody = statusCode < 200 || statusCode === 204;
  if (isNeverWithBody && (isChunked || (length ?? 0) > 0)) throw badFraming(`a body in a ${statusCode}`);
  if (isNeverWithBody || statusCode === 304 || isAnswerToHead) return 0;
  return isChunked ? CHUNKED : (length ?? UNTIL_CLOSE);
}

function badFraming(message: string): WireError {
  return new WireError('WIRE_BAD_FRAMING', message);
}

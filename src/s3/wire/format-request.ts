import type { AttemptRequest } from '../attempt.ts';
import { WireError } from '../transport/wire-error.ts';

const TARGET = /^[\x21-\x7e]+$/;
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** RFC 9110 §5.5; characters over U+00FF would become other bytes on the wire. */
const NOT_IN_VALUES = /[^\t\x20-\x7e\x80-\xff]/;

/** A session token is long, and the same for hours. */
const LONG_VALUE = 256;
let lastLongValue = '';

/**
 * The whole request as one latin1 string (RFC 9112 §2.1).
 * @throws {WireError} `WIRE_BAD_REQUEST` for anything that could be read as another request.
 */
export function formatRequest({ method, target, headers }: AttemptRequest): string {
  if (!TARGET.test(target)) throw new WireError('WIRE_BAD_REQUEST', 'a target that is not visible ASCII');
  let text = `${method} ${target} HTTP/1.1\r\n`;
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] ?? '';
    const value = headers[index + 1] ?? '';
    if (!NAME.test(name) || (value !== lastLongValue && NOT_IN_VALUES.test(value)))
      throw new WireError('WIRE_BAD_REQUEST', 'a header that cannot be sent');
    if (value.length >= LONG_VALUE) lastLongValue = value;
    text += `${name}: ${value}\r\n`;
  }
  return `${text}\r\n`;
}

import { HeaderNames } from './header-names.ts';

/**
 * What of S3's head may reach a client (design rule 2): the standard fields of GetObject and HeadObject. Everything else
 * stays here, so that no account id, KMS key or storage detail leaks and the packager's 4 KiB for a head suffice.
 */
const OBJECT_HEADERS = new HeaderNames([
  'Accept-Ranges',
  'Cache-Control',
  'Content-Disposition',
  'Content-Encoding',
  'Content-Language',
  'Content-Type',
  'Date',
  'ETag',
  'Expires',
  'Last-Modified',
]);

/** Only a part says which one it is; on a 200 the header would make players take the whole for a part (RFC 9110 §14.4). */
const PART_HEADERS = new HeaderNames([...OBJECT_HEADERS.all, 'Content-Range']);

/** A 304 describes the representation the client has (RFC 9110 §15.4.5). */
const NOT_MODIFIED_HEADERS = new HeaderNames(['Cache-Control', 'Date', 'ETag', 'Expires', 'Last-Modified']);

const ERROR_HEADERS = new HeaderNames(['Content-Range', 'Date', 'Retry-After']);

/** Headers of a 200 or 206. @returns flat names and values; the length is the relay's to say */
export function pickObjectHeaders(statusCode: number, headers: readonly string[]): string[] {
  return pick(headers, statusCode === 206 ? PART_HEADERS : OBJECT_HEADERS);
}

export function pickNotModifiedHeaders(headers: readonly string[]): string[] {
  return pick(headers, NOT_MODIFIED_HEADERS);
}

export function pickErrorHeaders(headers: readonly string[]): string[] {
  return pick(headers, ERROR_HEADERS);
}

function pick(headers: readonly string[], allowed: HeaderNames): string[] {
  const picked: string[] = [];
  for (let index = 0; index < headers.length; index += 2) {
    const name = allowed.find(headers[index] ?? '');
    const value = headers[index + 1] ?? '';
    if (name === undefined || value === '') continue;
    if (name !== 'Content-Encoding') picked.push(name, value);
    else pushContentEncoding(picked, value);
  }
  return picked;
}

/** Objects written before November 2024 can carry `aws-chunked`, a coding of the upload that is not in the bytes. */
function pushContentEncoding(picked: string[], value: string): void {
  const codings = value
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding.toLowerCase() !== 'aws-chunked');
  if (codings.length > 0) picked.push('Content-Encoding', codings.join(', '));
}

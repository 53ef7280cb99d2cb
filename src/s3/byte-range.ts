/** One range as asked for: `first-last`, `first-` (last is Infinity) or the last `suffix` bytes. */
export type AskedRange = { readonly first: number; readonly last: number } | { readonly suffix: number };

/** `Content-Range: bytes first-last/total`. */
export interface SentRange {
  readonly first: number;
  readonly last: number;
  readonly total: number;
}

/**
 * Reads a Range header of a single range (RFC 9110 §14.1.2).
 * @returns undefined for several ranges, another unit or anything malformed: S3 ignores those and sends the whole object.
 */
export function parseAskedRange(text: string): AskedRange | undefined {
  const match = /^bytes=[ \t]*(\d{0,15})-(\d{0,15})[ \t]*$/i.exec(text);
  const [, first = '', last = ''] = match ?? [];
  if (first === '') return last === '' ? undefined : { suffix: Number(last) };
  const range = { first: Number(first), last: last === '' ? Infinity : Number(last) };
  return range.last < range.first ? undefined : range;
}

/** @returns undefined for anything but a complete, sensible `bytes first-last/total` */
export function parseSentRange(text: string): SentRange | undefined {
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/i.exec(text);
  if (match === null) return undefined;
  const sent = { first: Number(match[1]), last: Number(match[2]), total: Number(match[3]) };
  return sent.first <= sent.last && sent.last < sent.total ? sent : undefined;
}

/** Whether what was sent is exactly what was asked for of an object of that size. */
export function isAskedRange(sent: SentRange, asked: AskedRange): boolean {
  const end = sent.total - 1;
  if ('suffix' in asked) return sent.last === end && sent.first === Math.max(0, sent.total - asked.suffix);
  return sent.first === asked.first && sent.last === Math.min(asked.last, end);
}

/** Why an object is not sent. */
export type ConditionResult =
  { readonly status: 304 } | { readonly status: 412; readonly failed: 'If-Match' | 'If-Unmodified-Since' };

/** Header values by lower-case name. */
export type ReadHeader = (name: string) => string | undefined;

/**
 * Evaluates the four conditional headers in the order of RFC 9110 §13.2.2: a tag makes the date beside it count for
 * nothing, and a date that cannot be read is ignored.
 * @returns undefined where the object is to be sent.
 */
export function evaluateConditions(
  header: ReadHeader,
  object: { readonly etag: string; readonly lastModified: Date },
): ConditionResult | undefined {
  const ifMatch = header('if-match');
  const unmodifiedSinceMs = parseDate(header('if-unmodified-since'));
  const modifiedMs = object.lastModified.getTime();
  if (ifMatch !== undefined) {
    if (!matchesTag(ifMatch, object.etag)) return { status: 412, failed: 'If-Match' };
  } else if (modifiedMs > unmodifiedSinceMs) {
    return { status: 412, failed: 'If-Unmodified-Since' };
  }
  const ifNoneMatch = header('if-none-match');
  if (ifNoneMatch !== undefined) return matchesTag(ifNoneMatch, object.etag) ? { status: 304 } : undefined;
  return modifiedMs <= parseDate(header('if-modified-since')) ? { status: 304 } : undefined;
}

/** S3 also takes a tag without its quotes; it makes no weak ones, so none matches. */
function matchesTag(list: string, etag: string): boolean {
  const tags = list.split(',').map((tag) => tag.trim());
  return tags.includes('*') || tags.includes(etag) || tags.includes(etag.replaceAll('"', ''));
}

/** IMF-fixdate, the one form in use (RFC 9110 §5.6.7); NaN for any other, which compares false with every date. */
function parseDate(text = ''): number {
  return /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
}

/** What a `Range` asks of an object: some of it, nothing it has, or (undefined) all of it. */
export type RequestedRange = { readonly first: number; readonly last: number } | 'unsatisfiable' | undefined;

/**
 * Reads `Range` as S3 does: one closed, open or suffix range of bytes; any other, and more than one, is ignored
 * (RFC 9110 §14.2; AWS, "GetObject": S3 retrieves one range per request).
 */
export function resolveRange(header: string | undefined, size: number): RequestedRange {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  const [from = '', to = ''] = match?.slice(1) ?? [];
  if (from === '' && to === '') return undefined;
  if (from === '') {
    const length = Math.min(Number(to), size);
    return length === 0 ? 'unsatisfiable' : { first: size - length, last: size - 1 };
  }
  const first = Number(from);
  if (to !== '' && Number(to) < first) return undefined;
  if (first >= size) return 'unsatisfiable';
  return { first, last: to === '' ? size - 1 : Math.min(Number(to), size - 1) };
}

/** A request target as S3 reads it. */
export interface RequestTarget {
  /** The decoded path, its leading slash included. */
  readonly path: Buffer;
  /** The path encoded once by S3's rule: what a signature covers, whatever form came over the wire. */
  readonly canonicalPath: string;
  /** Decoded parameters, every value of a repeated name in its order. */
  readonly query: Readonly<Record<string, string[]>>;
}

const UNRESERVED = /[A-Za-z0-9\-._~/]/;

/**
 * Decodes a raw target and encodes its path again, as S3 does before it compares a signature: `+` is a space,
 * `%2F` is a slash, nothing is normalised (AWS, "Create a canonical request"). It shares no code with the proxy's
 * own path, which it is there to check.
 * @returns undefined where S3 answers 400 InvalidURI: no leading slash, a bad `%`, a query that is not UTF-8.
 */
export function readTarget(target: string): RequestTarget | undefined {
  const queryAt = target.indexOf('?');
  const path = decodeForm(queryAt === -1 ? target : target.slice(0, queryAt));
  const query = readQuery(queryAt === -1 ? '' : target.slice(queryAt + 1));
  if (path === undefined || query === undefined || !target.startsWith('/')) return undefined;
  return { path, canonicalPath: encodePath(path), query };
}

/** UTF-8 text of bytes, or undefined where they are none. */
export function decodeUtf8(bytes: Buffer): string | undefined {
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? text : undefined;
}

function readQuery(raw: string): Record<string, string[]> | undefined {
  const query: Record<string, string[]> = {};
  for (const pair of raw.split('&').filter((part) => part !== '')) {
    const equalsAt = pair.indexOf('=');
    const name = decodeText(equalsAt === -1 ? pair : pair.slice(0, equalsAt));
    const value = decodeText(equalsAt === -1 ? '' : pair.slice(equalsAt + 1));
    if (name === undefined || value === undefined) return undefined;
    query[name] = Object.hasOwn(query, name) ? [...(query[name] ?? []), value] : [value];
  }
  return query;
}

function decodeText(raw: string): string | undefined {
  const bytes = decodeForm(raw);
  return bytes && decodeUtf8(bytes);
}

/** Percent-decoding with `+` as a space; a character beyond ASCII stands for its one byte on the wire. */
function decodeForm(raw: string): Buffer | undefined {
  if (/%(?![0-9A-Fa-f]{2})/.test(raw)) return undefined;
  const bytes = raw
    .replaceAll('+', ' ')
    .replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1');
}

function encodePath(path: Buffer): string {
  return Array.from(path, (byte) => {
    const char = String.fromCharCode(byte);
    return UNRESERVED.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}

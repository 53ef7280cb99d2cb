import { isUtf8 } from 'node:buffer';
import { ProxyFailure } from '../failures.ts';
import { decodePercent, encodeQueryPart } from './object-path.ts';

/** The only parameters that leave GetObject GetObject. Any other may name another operation, which our role would sign. */
const ALLOWED_PARAMETERS: ReadonlySet<string> = new Set([
  'partNumber',
  'response-cache-control',
  'response-content-disposition',
  'response-content-encoding',
  'response-content-language',
  'response-content-type',
  'response-expires',
  'versionId',
]);

/** The query in canonical form, and whether it asks for a part, which S3 answers with 206. */
export interface ObjectQuery {
  /** `name=value&…`, sorted and encoded for the signature and for the wire; empty for none. */
  readonly encoded: string;
  readonly hasPartNumber: boolean;
}

const NO_QUERY: ObjectQuery = { encoded: '', hasPartNumber: false };

/**
 * Picks the allowed parameters of a raw query and drops the rest. `+` is a space, as in forms; of a repeated
 * parameter the first counts.
 * @throws {ProxyFailure} `bad_percent_encoding` or `bad_target` for the value of an allowed parameter.
 */
export function pickQuery(rawQuery: string | undefined): ObjectQuery {
  if (rawQuery === undefined || rawQuery === '') return NO_QUERY;
  const picked = new Map<string, string>();
  for (const pair of rawQuery.split('&')) {
    const equals = pair.indexOf('=');
    const name = decodeName(equals === -1 ? pair : pair.slice(0, equals));
    if (name === undefined || !ALLOWED_PARAMETERS.has(name) || picked.has(name)) continue;
    const value = equals === -1 ? '' : pair.slice(equals + 1);
    const bytes = decodePercent(value.replaceAll('+', '%20'));
    // Parameter values are text to S3; bytes that are none cannot be signed the same way by everybody.
    if (!isUtf8(bytes) || bytes.some(isControl)) throw new ProxyFailure('bad_percent_encoding');
    picked.set(name, encodeQueryPart(bytes));
  }
  // The allowed names are ASCII and need no encoding, so their own order is the canonical one.
  const names = [...picked.keys()].sort();
  return {
    encoded: names.map((name) => `${name}=${picked.get(name) ?? ''}`).join('&'),
    hasPartNumber: picked.has('partNumber'),
  };
}

/** S3 writes these values into headers of its answer: a line end there would be the client's way to write that answer. */
function isControl(byte: number): boolean {
  return byte < 0x20 || byte === 0x7f;
}

/** A name that cannot be decoded is none of ours. */
function decodeName(raw: string): string | undefined {
  try {
    return decodePercent(raw).toString('latin1');
  } catch (error) {
    if (error instanceof ProxyFailure) return undefined;
    throw error;
  }
}

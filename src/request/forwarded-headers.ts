import { ProxyFailure } from '../failures.ts';

/** What a client's header section says to us; everything else in it is dropped (design rule 1). */
export interface ClientHeaders {
  readonly host: string | undefined;
  readonly range: string | undefined;
  /** Emulated, as S3 knows no If-Range. */
  readonly ifRange: string | undefined;
  /** `If-Match`, `If-None-Match`, `If-Modified-Since`, `If-Unmodified-Since`: flat names and values, in S3's reach as they came. */
  readonly conditions: readonly string[];
  readonly hasBody: boolean;
}

/**
 * Reads the few headers that matter from Node's flat list, in one pass and without building its header object.
 * @throws {ProxyFailure} `repeated_header` for a second Host (RFC 9112 §3.2), Range, If-Range or date.
 */
export function pickHeaders(rawHeaders: readonly string[]): ClientHeaders {
  let host: string | undefined;
  let range: string | undefined;
  let ifRange: string | undefined;
  let hasBody = false;
  const conditions: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    const value = rawHeaders[index + 1] ?? '';
    if (name === 'host') host = takeOnce(host, value);
    else if (name === 'range') range = takeOnce(range, value);
    else if (name === 'if-range') ifRange = takeOnce(ifRange, value);
    else if (name === 'transfer-encoding') hasBody = true;
    // The packager sends `Content-Length: 0` for a player's GET with a body: no body, no harm.
    else if (name === 'content-length') hasBody ||= value !== '0';
    else if (name === 'if-match' || name === 'if-none-match') joinList(conditions, name, value);
    else if (name === 'if-modified-since' || name === 'if-unmodified-since') {
      if (conditions.includes(name)) throw new ProxyFailure('repeated_header');
      conditions.push(name, value);
    }
  }
  return { host, range, ifRange, conditions, hasBody };
}

function takeOnce(seen: string | undefined, value: string): string {
  if (seen !== undefined) throw new ProxyFailure('repeated_header');
  return value;
}

/** Repeated list headers are one list (RFC 9110 §5.3). */
function joinList(conditions: string[], name: string, value: string): void {
  const at = conditions.indexOf(name);
  if (at === -1) conditions.push(name, value);
  else conditions[at + 1] = `${conditions[at + 1] ?? ''}, ${value}`;
}

import { METHODS } from 'node:http';

/** A request without a body: whoever sends it is owed one answer. */
export interface ReadRequest {
  readonly method: string;
  readonly target: string;
  readonly version: '1.0' | '1.1';
  /** Of a Range header, if there is one. */
  readonly range: string | undefined;
  /** Holds a header twice of which one only can be meant. */
  readonly isAmbiguous: boolean;
  /** Whether its answer is the last of its connection; undefined where a server may see it either way. */
  readonly closes: boolean | undefined;
}

/** How bytes on one connection read. */
export interface Reading {
  /** In order, up to the first that is none. */
  readonly requests: readonly ReadRequest[];
  /**
   * What follows them: nothing; nothing, and the last of them closes; something behind such a one; the beginning of
   * another one; something that must be refused, so that nothing behind it is served; or something that a server may
   * take in more than one way.
   */
  readonly end: 'nothing' | 'closed' | 'ignored' | 'unfinished' | 'refused' | 'unsure';
  /** Where that begins. */
  readonly endsAt: number;
}

/** Heads around the limit of 16 KiB may be refused or not, as the limit does not count every byte. */
const SURELY_SHORT_BYTES = 12 * 1024;
const SURELY_LONG_BYTES = 20 * 1024;
const REQUEST_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) +([\x21-\x7e]+) +HTTP\/(\d\.\d)$/;
const HEADER_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*$/;

const ONCE: readonly string[] = ['host', 'range', 'if-range', 'if-modified-since', 'if-unmodified-since'];

/**
 * Reads requests as RFC 9112 has them and in no other way; shares no code with the parser under test. Beyond the strict
 * grammar it allows only what §2.2 and §3 do: empty lines before a request, and several spaces in a request line.
 * @param text - latin1
 */
export function readRequests(text: string): Reading {
  const requests: ReadRequest[] = [];
  for (let at = 0; ;) {
    while (text[at] === '\r' || text[at] === '\n') at += 1;
    if (at >= text.length) return { requests, end: 'nothing', endsAt: at };
    const headEnd = text.indexOf('\r\n\r\n', at);
    const length = (headEnd === -1 ? text.length : headEnd) - at;
    if (length > SURELY_LONG_BYTES) return { requests, end: 'refused', endsAt: at };
    if (length > SURELY_SHORT_BYTES) return { requests, end: 'unsure', endsAt: at };
    // What has not come to its end yet may be refused by its beginning already.
    if (headEnd === -1) return { requests, end: 'unfinished', endsAt: at };
    const request = readHead(text.slice(at, headEnd));
    if (request === undefined) return { requests, end: 'refused', endsAt: at };
    // Only a path is a target that every server reads in the same way.
    if (!request.target.startsWith('/')) return { requests, end: 'unsure', endsAt: at };
    requests.push(request);
    at = headEnd + 4;
    if (request.closes === true)
      return { requests, end: at < text.length ? 'ignored' : 'closed', endsAt: at };
    if (request.closes === undefined) return { requests, end: 'unsure', endsAt: at };
  }
}

/** @returns undefined for what is no request, and for a request with a body, which is refused without looking further */
function readHead(head: string): ReadRequest | undefined {
  const [requestLine = '', ...lines] = head.split('\r\n');
  const [, method = '', target = '', version = ''] = REQUEST_LINE.exec(requestLine) ?? [];
  // A CONNECT is answered and the connection closed, and so are other versions.
  if (!METHODS.includes(method) || method === 'CONNECT' || (version !== '1.1' && version !== '1.0'))
    return undefined;
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const [, name, value = ''] = HEADER_LINE.exec(line) ?? [];
    if (name === undefined) return undefined;
    const values = headers.get(name.toLowerCase()) ?? [];
    headers.set(name.toLowerCase(), [...values, value]);
  }
  if (headers.has('transfer-encoding')) return undefined;
  const lengths = headers.get('content-length') ?? [];
  if (lengths.length > 1 || (lengths[0] !== undefined && lengths[0] !== '0')) return undefined;
  const closes =
    headers.has('upgrade') ||
    expectsContinue(version, headers) ||
    // Proxies of old send the other one, which many servers take for the same.
    closesAfter(version, [...(headers.get('connection') ?? []), ...(headers.get('proxy-connection') ?? [])]);
  const isAmbiguous = ONCE.some((name) => (headers.get(name)?.length ?? 0) > 1);
  return { method, target, version, range: headers.get('range')?.[0], isAmbiguous, closes };
}

function closesAfter(version: string, connection: readonly string[]): boolean | undefined {
  // Not \s, which is more than HTTP's white space.
  const options = connection.flatMap((value) => value.toLowerCase().split(/[ \t]*,[ \t]*/));
  const isClose = options.includes('close');
  if (version === '1.1') return isClose;
  if (!options.includes('keep-alive')) return true;
  return isClose ? undefined : false;
}

/** A final answer to it closes: a client that expects another one first may send what it holds back (RFC 9110 §10.1.1). */
function expectsContinue(version: string, headers: ReadonlyMap<string, readonly string[]>): boolean {
  return version === '1.1' && /(?:^|\W)100-continue(?:$|\W)/i.test((headers.get('expect') ?? []).join(', '));
}

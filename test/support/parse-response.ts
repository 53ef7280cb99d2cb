/** A response as it came over the wire. */
export interface WireResponse {
  readonly statusLine: string;
  readonly status: number;
  /** Flat names and values as sent. */
  readonly rawHeaders: readonly string[];
  /** The values of a header, joined; undefined where there is none. */
  header(name: string): string | undefined;
  readonly body: Buffer;
  readonly text: string;
  /** Bytes of it on the wire. */
  readonly byteLength: number;
}

export interface ParseOptions {
  /** Of the request that it answers. */
  readonly method: 'GET' | 'HEAD';
  /** Whether more bytes cannot come. */
  readonly isEnded: boolean;
}

/**
 * Reads one response from the front of bytes, by its own framing (RFC 9112 §6.3); shares no code with Node's parser.
 * @returns undefined while it is not complete. @throws {Error} where the bytes are no response.
 */
export function parseResponse(bytes: Buffer, { method, isEnded }: ParseOptions): WireResponse | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd === -1) return undefined;
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, headEnd).split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1]);
  if (Number.isNaN(status)) throw new Error(`this is no status line: ${JSON.stringify(statusLine)}`);
  const rawHeaders = lines.flatMap((line) => {
    const colonAt = line.indexOf(': ');
    if (colonAt < 1) throw new Error(`this is no header: ${JSON.stringify(line)}`);
    return [line.slice(0, colonAt), line.slice(colonAt + 2)];
  });
  const header = (name: string): string | undefined => {
    const values = rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]!.toLowerCase() === name);
    return values.length === 0 ? undefined : values.join(', ');
  };
  const framed = readBody(bytes, headEnd + 4, { status, header, method, isEnded });
  if (framed === undefined) return undefined;
  const { body, end } = framed;
  return { statusLine, status, rawHeaders, header, body, text: body.toString('utf8'), byteLength: end };
}

interface Framing extends ParseOptions {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
}

function readBody(
  bytes: Buffer,
  start: number,
  { status, header, method, isEnded }: Framing,
): { body: Buffer; end: number } | undefined {
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304)
    return { body: Buffer.alloc(0), end: start };
  if (header('transfer-encoding') === 'chunked') return readChunks(bytes, start);
  const length = header('content-length');
  if (length === undefined) return isEnded ? { body: bytes.subarray(start), end: bytes.length } : undefined;
  const end = start + Number(length);
  return bytes.length < end ? undefined : { body: bytes.subarray(start, end), end };
}

function readChunks(bytes: Buffer, start: number): { body: Buffer; end: number } | undefined {
  const chunks: Buffer[] = [];
  for (let at = start; ;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd === -1) return undefined;
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    const end = lineEnd + 2 + size + 2;
    if (Number.isNaN(size)) throw new Error('this is no chunk');
    if (bytes.length < end) return undefined;
    if (size === 0) return { body: Buffer.concat(chunks), end };
    chunks.push(bytes.subarray(lineEnd + 2, end - 2));
    at = end;
  }
}

import type { WireResponse } from '../support/parse-response.ts';
import { virtualBytes } from '../servers/fake-s3-virtual-bytes.ts';
import type { ReadRequest } from './read-requests.ts';
import type { Lane } from './request-seeds.ts';

/** An object whose bytes are those of `virtualBytes` from an offset on. */
export interface FuzzedObject extends Lane {
  readonly base: number;
}

const HEADER_LINE = /^[A-Za-z0-9-]+: [\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;
const ERROR_BODY =
  /^<\?xml [^<]*\?>\n<Error><Code>[A-Za-z0-9]+<\/Code><Message>[^<&]+<\/Message><RequestId>[0-9a-z-]+<\/RequestId><\/Error>\n$/;

/** Holds one answer against the request that it answers. @throws {Error} saying what is wrong */
export function checkAnswer(answer: WireResponse, request: ReadRequest, object: FuzzedObject): void {
  checkForm(answer, request.method);
  checkBody(answer, request.method, object);
  if (request.method !== 'GET' && request.method !== 'HEAD' && answer.status < 400)
    throw new Error(`a ${request.method} was answered with ${answer.statusLine}`);
  if (request.isAmbiguous && answer.status < 400)
    throw new Error(`a header that came twice was answered with ${answer.statusLine}`);
  const isOther = request.target.split('?')[0] !== `/${object.key}` && !request.target.includes('%');
  if (isOther && answer.status < 400)
    throw new Error(`${request.target} was answered with ${answer.statusLine}`);
  const asked = /^bytes=(\d{1,6})-(\d{1,6})$/.exec(request.range ?? '');
  const isInside = asked !== null && Number(asked[1]) <= Number(asked[2]) && Number(asked[2]) < object.size;
  if (isInside && answer.status === 206 && !request.target.includes('partNumber')) {
    const expected = `bytes ${Number(asked[1])}-${Number(asked[2])}/${object.size}`;
    if (answer.header('content-range') !== expected)
      throw new Error(
        `${request.range ?? ''} was answered with ${answer.header('content-range') ?? 'no range'}`,
      );
  }
}

/** Everything but what the answer is about. */
export function checkForm(answer: WireResponse, method: string): void {
  const { status, statusLine, rawHeaders, text } = answer;
  if (status < 200 || status >= 500) throw new Error(`a status that nobody caused: ${statusLine}`);
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const line = `${rawHeaders[at] ?? ''}: ${rawHeaders[at + 1] ?? ''}`;
    if (!HEADER_LINE.test(line)) throw new Error(`a header that is none: ${JSON.stringify(line)}`);
    if (/^(?:x-amz-|server)/i.test(line)) throw new Error(`a header of S3's: ${line}`);
  }
  const length = answer.header('content-length');
  const hasLength =
    length !== undefined && /^\d+$/.test(length) && answer.header('transfer-encoding') === undefined;
  if (!hasLength && status !== 304) throw new Error(`an answer without a length: ${statusLine}`);
  if (status >= 400 && method !== 'HEAD' && !ERROR_BODY.test(text))
    throw new Error(`an error that is not ours: ${show(answer.body)}`);
}

/** The bytes themselves say whose they are. */
export function checkBody(answer: WireResponse, method: string, object: FuzzedObject): void {
  const { status, body } = answer;
  if (status >= 400) return;
  if (answer.header('etag') !== object.etag)
    throw new Error(`the object ${answer.header('etag') ?? 'without an ETag'} in place of ${object.etag}`);
  if (status === 304 || method === 'HEAD') return;
  const sent = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(answer.header('content-range') ?? '');
  if ((status === 206) !== (sent !== null))
    throw new Error(`a ${status} with ${answer.header('content-range') ?? 'no range'}`);
  const first = Number(sent?.[1] ?? 0);
  const last = Number(sent?.[2] ?? object.size - 1);
  if (body.length !== last - first + 1) throw new Error(`${body.length} bytes for ${first}-${last}`);
  if (!body.equals(virtualBytes(object.base + first, body.length)))
    throw new Error(`wrong bytes for ${first}-${last}`);
}

/** The beginning of bytes, for people. */
export function show(bytes: Buffer): string {
  return JSON.stringify(bytes.subarray(0, 300).toString('latin1'));
}

import type { Random } from './random.ts';

/** What the requests of one connection are about. */
export interface Lane {
  /** Nobody else asks for it. */
  readonly key: string;
  /** Quoted. */
  readonly etag: string;
  /** Bytes of the object. */
  readonly size: number;
}

/** Writes a request, as a string of latin1. */
export type SeedRequest = (lane: Lane, random: Random) => string;

/** Requests that are well-formed and have no body, whatever they are answered with. */
export const GOOD_REQUESTS: readonly SeedRequest[] = [
  (lane, random) => get(lane, range(lane, random)),
  (lane, random) => get(lane, range(lane, random)),
  (lane, random) => get(lane, range(lane, random), 'Connection: keep-alive', 'Accept-Encoding: identity'),
  (lane) => get(lane, `Range: bytes=-${Math.floor(lane.size / 7)}`),
  (lane) => get(lane, `Range: bytes=${lane.size}-`),
  (lane) => get(lane, 'Range: bytes=0-3,8-11'),
  (lane) => get(lane),
  (lane) => head(lane),
  (lane, random) => head(lane, range(lane, random)),
  (lane) => get(lane, `If-None-Match: ${lane.etag}`),
  (lane) => get(lane, 'If-Match: "another"'),
  (lane, random) => get(lane, range(lane, random), `If-Match: "another", ${lane.etag}`),
  (lane, random) => get(lane, range(lane, random), `If-Range: ${lane.etag}`),
  (lane) => get(lane, 'If-Modified-Since: Sat, 01 Jan 2000 00:00:00 GMT'),
  (lane, random) => get(lane, 'Content-Length: 0', range(lane, random)),
  (lane, random) => get(lane, 'Connection: close', range(lane, random)),
  (lane, random) => get(lane, 'Upgrade: h2c', 'Connection: Upgrade, HTTP2-Settings', range(lane, random)),
  (lane, random) => get(lane, 'Expect: 100-continue', range(lane, random)),
  (lane, random) =>
    get(lane, ...Array.from({ length: 60 }, (_, at) => `X-${at}: ${at}`), range(lane, random)),
  (lane) => request(`GET /${encodeAll(lane.key)} HTTP/1.1`, 'Host: 127.0.0.1:8080'),
  (lane) => request(`GET /${lane.key}?versionId=null&response-content-type=text/plain HTTP/1.1`, 'Host: s3'),
  (lane) => request(`GET /${lane.key}?acl&list-type=2&uploads HTTP/1.1`, 'Host: localhost'),
  (lane) => request(`GET /${lane.key}?partNumber=1 HTTP/1.1`, 'Host: localhost'),
  (lane) => request(`GET /missing-${lane.key} HTTP/1.1`, 'Host: localhost'),
  (lane) => request(`GET /x/../${lane.key} HTTP/1.1`, 'Host: localhost'),
  (lane) => request(`GET /${lane.key} HTTP/1.1`, 'Host: evil.example'),
  (lane) => request(`GET /${lane.key} HTTP/1.1`),
  (lane) => request(`GET /${lane.key} HTTP/1.0`),
  (lane) => request(`GET /${lane.key} HTTP/1.0`, 'Connection: keep-alive'),
  (lane) => request(`DELETE /${lane.key} HTTP/1.1`, 'Host: localhost'),
  () => request('GET / HTTP/1.1', 'Host: localhost'),
  () => request('GET /?list-type=2 HTTP/1.1', 'Host: localhost'),
];

/** Requests that two readers might read differently; each holds another request where one of them would find it. */
export const SMUGGLING_REQUESTS: readonly SeedRequest[] = [
  (lane) => withBody(lane, `Content-Length: ${smuggled(lane).length}`),
  (lane) => withBody(lane, `Content-Length: ${smuggled(lane).length}`, 'Content-Length: 0'),
  (lane) => withBody(lane, 'Content-Length: 0', `Content-Length: ${smuggled(lane).length}`),
  (lane) => withBody(lane, `Content-Length: 0, ${smuggled(lane).length}`),
  (lane) => withBody(lane, `Content-Length: +${smuggled(lane).length}`),
  (lane) => withBody(lane, `Content-Length: 0x${smuggled(lane).length.toString(16)}`),
  (lane) => withBody(lane, 'Content-Length: 18446744073709551616'),
  (lane) => withBody(lane, 'Content-Length: 00'),
  (lane) => withBody(lane, 'Content-Length:'),
  (lane) => withBody(lane, 'Content-Length: 5', 'Transfer-Encoding: chunked'),
  (lane) => withBody(lane, 'Transfer-Encoding: chunked', 'Content-Length: 5'),
  (lane) => withBody(lane, 'Transfer-Encoding: identity'),
  (lane) => withBody(lane, 'Transfer-Encoding: xchunked'),
  (lane) => withBody(lane, 'Transfer-Encoding: chunked, identity'),
  (lane) => withBody(lane, 'Transfer-Encoding:\r\n chunked'),
  (lane) => withBody(lane, 'Transfer-Encoding : chunked'),
  (lane) => withBody(lane, 'Transfer-Encoding:\x0bchunked'),
  (lane) => withBody(lane, 'Transfer-Encoding: "chunked"'),
  (lane) => withBody(lane, 'X: y\nTransfer-Encoding: chunked'),
  (lane) => withBody(lane, 'X: y\rTransfer-Encoding: chunked'),
  (lane) => withBody(lane, ...Array.from({ length: 2100 }, () => 'a:'), 'Transfer-Encoding: chunked'),
  (lane) => get(lane, 'Transfer-Encoding: chunked') + inChunks(smuggled(lane)),
  (lane) => get(lane, 'Transfer-Encoding: gzip, chunked') + inChunks(smuggled(lane)),
  (lane) => get(lane, 'Transfer-Encoding: chunked') + `0;${smuggled(lane)}\r\n\r\n`,
  (lane) => get(lane, 'Transfer-Encoding: chunked') + `0\r\nX: y\r\n\r\n${smuggled(lane)}`,
  (lane) => get(lane, 'Transfer-Encoding: chunked') + `fffffffffffffffff\r\n${smuggled(lane)}`,
  (lane) => get(lane, 'Transfer-Encoding: chunked') + `5 \n${smuggled(lane)}`,
  (lane) => get(lane).replaceAll('\r\n', '\n'),
  (lane) => get(lane).replace('\r\n\r\n', '\n\r\n') + smuggled(lane),
  (lane) => get(lane).replace('\r\n\r\n', '\r\n\r\r\n') + smuggled(lane),
  (lane) => get(lane, 'X: a', ' b: c'),
  (lane) => get(lane).replace('\r\n', '\r\n Host: evil.example\r\n'),
  (lane) => `\r\n\r\n${get(lane)}`,
  (lane) => `CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n${smuggled(lane)}`,
  (lane) => `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${smuggled(lane)}`,
  (lane) => `GET http://localhost/${lane.key} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
  (lane) => `GET /${lane.key}\r\n\r\n${smuggled(lane)}`,
  (lane) => get(lane, `Range: bytes=0-${'9'.repeat(40)}`, `X: ${'x'.repeat(40_000)}`) + smuggled(lane),
];

function get(lane: Lane, ...lines: readonly string[]): string {
  return request(`GET /${lane.key} HTTP/1.1`, 'Host: localhost', ...lines);
}

function head(lane: Lane, ...lines: readonly string[]): string {
  return request(`HEAD /${lane.key} HTTP/1.1`, 'Host: localhost', ...lines);
}

function request(...lines: readonly string[]): string {
  return [...lines, '', ''].join('\r\n');
}

function withBody(lane: Lane, ...lines: readonly string[]): string {
  return get(lane, ...lines) + smuggled(lane);
}

function smuggled(lane: Lane): string {
  return get(lane, 'Range: bytes=6-66');
}

function inChunks(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n${text}`;
}

function range({ size }: Lane, random: Random): string {
  const first = random.below(size - 3000);
  return `Range: bytes=${first}-${first + random.below(3000)}`;
}

function encodeAll(text: string): string {
  return Array.from(Buffer.from(text), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}

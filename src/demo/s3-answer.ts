import { randomBytes } from 'node:crypto';

/** What S3 says when it refuses: `<Code>` and the status that belongs to it. */
export interface S3Error {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** Further elements of the XML, in order: `{ ActualObjectSize: '10' }`. */
  readonly details?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Bytes that can be read from any offset, so that a body of any size needs no memory. */
export interface ByteSource {
  readonly size: number;
  /** @returns exactly `length` bytes; the caller stays inside `size`. */
  readonly read: (offset: number, length: number) => Uint8Array;
}

export type HeaderLine = readonly [name: string, value: string];

/** A whole answer, ready for any transport. */
export interface S3Answer {
  readonly status: number;
  /** In sending order. `Transfer-Encoding: chunked` among them says that the body is to be sent in chunks. */
  readonly headers: readonly HeaderLine[];
  /** Undefined where the answer has none: to HEAD, with 304. */
  readonly body: ByteSource | undefined;
  /** `<Code>` of an error. */
  readonly code?: string;
}

/** When and for what an answer is made. */
export interface AnswerContext {
  readonly method: string;
  /** The server's clock, as in its `Date`. */
  readonly nowMs: number;
}

export function sourceOf(bytes: Uint8Array): ByteSource {
  return { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) };
}

/** The headers that S3 puts first in every answer. */
export function commonHeaders(context: AnswerContext): HeaderLine[] {
  return [
    ['x-amz-id-2', randomBytes(57).toString('base64')],
    ['x-amz-request-id', randomBytes(8).toString('hex').toUpperCase()],
    ['Date', new Date(context.nowMs).toUTCString()],
  ];
}

/**
 * An error as S3 sends it: XML in chunks, never with a length. HEAD has the same headers and no body
 * (AWS, "HeadObject").
 */
export function answerError(error: S3Error, context: AnswerContext): S3Answer {
  const common = commonHeaders(context);
  const elements = {
    Code: error.code,
    Message: error.message,
    ...error.details,
    RequestId: common[1]?.[1] ?? '',
    HostId: common[0]?.[1] ?? '',
  };
  return {
    status: error.status,
    code: error.code,
    headers: [
      ...common,
      ...Object.entries(error.headers ?? {}),
      ['Content-Type', 'application/xml'],
      ['Transfer-Encoding', 'chunked'],
      ['Server', 'AmazonS3'],
    ],
    body: context.method === 'HEAD' ? undefined : sourceOf(renderXml('Error', elements)),
  };
}

/** A flat XML document. */
export function renderXml(root: string, elements: Readonly<Record<string, string>>): Buffer {
  const children = Object.entries(elements).map(([name, text]) => `<${name}>${escapeXml(text)}</${name}>`);
  return Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n<${root}>${children.join('')}</${root}>`);
}

export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

import { type ReadHeader, evaluateConditions } from './object-conditions.ts';
import { resolveRange } from './requested-range.ts';
import {
  type AnswerContext,
  type ByteSource,
  type HeaderLine,
  type S3Answer,
  answerError,
  commonHeaders,
} from './s3-answer.ts';
import type { StoredObject } from './stored-object.ts';

/** How an object is asked for. */
export interface ObjectRequest {
  readonly context: AnswerContext;
  readonly header: ReadHeader;
  /** First value of a parameter. */
  readonly parameter: (name: string) => string | undefined;
}

/** `response-*` parameters and the headers that they replace (AWS, "GetObject"). */
const OVERRIDES: readonly string[] = [
  'Cache-Control',
  'Content-Disposition',
  'Content-Encoding',
  'Content-Language',
  'Content-Type',
  'Expires',
];

/**
 * Answers GetObject and HeadObject: 200; 206 for a range or a part; 304; 412 with `<Condition>`; 416 with
 * `<ActualObjectSize>` and without Content-Range; 404 NoSuchVersion. A range counts only where the conditions hold.
 */
export function answerObject(object: StoredObject, request: ObjectRequest): S3Answer {
  const { context, header, parameter } = request;
  const versionId = parameter('versionId');
  if (versionId !== undefined && versionId !== (object.versionId ?? 'null')) {
    return answerError({ status: 404, code: 'NoSuchVersion', message: 'There is no such version.' }, context);
  }
  const condition = evaluateConditions(header, object);
  if (condition?.status === 412) {
    const details = { Condition: condition.failed };
    return answerError(
      { status: 412, code: 'PreconditionFailed', message: 'A condition fails.', details },
      context,
    );
  }
  if (condition?.status === 304) {
    const kept = object.headers.filter(([name]) => /^(cache-control|expires)$/i.test(name));
    return { status: 304, headers: [...identity(object, context), ...kept, SERVER], body: undefined };
  }
  return sendObject(object, request);
}

const SERVER: HeaderLine = ['Server', 'AmazonS3'];

function sendObject(object: StoredObject, { context, header, parameter }: ObjectRequest): S3Answer {
  const { size } = object.source;
  const part = parameter('partNumber');
  if (part !== undefined && header('range') !== undefined) {
    return answerError({ status: 400, code: 'InvalidRequest', message: 'A part has no range.' }, context);
  }
  if (part !== undefined && part !== '1') {
    return answerError(
      { status: 416, code: 'InvalidPartNumber', message: 'There is no such part.' },
      context,
    );
  }
  // Every object here has one part, and S3 answers a part with 206 (an empty one has no range that could be named).
  const range =
    part !== undefined && size > 0 ? { first: 0, last: size - 1 } : resolveRange(header('range'), size);
  if (range === 'unsatisfiable') {
    const details = { RangeRequested: header('range') ?? '', ActualObjectSize: String(size) };
    return answerError(
      { status: 416, code: 'InvalidRange', message: 'The range is not there.', details },
      context,
    );
  }
  const body = range === undefined ? object.source : slice(object.source, range.first, range.last);
  const contentRange: HeaderLine[] =
    range === undefined ? [] : [['Content-Range', `bytes ${range.first}-${range.last}/${size}`]];
  const headers: HeaderLine[] = [
    ...identity(object, context),
    ['x-amz-server-side-encryption', 'AES256'],
    ['Accept-Ranges', 'bytes'],
    ...contentRange,
    ...overridden([['Content-Type', object.contentType], ...object.headers], parameter),
    ['Content-Length', String(body.size)],
    SERVER,
  ];
  return {
    status: range === undefined ? 200 : 206,
    headers,
    body: context.method === 'HEAD' ? undefined : body,
  };
}

function identity(object: StoredObject, context: AnswerContext): HeaderLine[] {
  const version: HeaderLine[] =
    object.versionId === undefined ? [] : [['x-amz-version-id', object.versionId]];
  return [
    ...commonHeaders(context),
    ['Last-Modified', object.lastModified.toUTCString()],
    ['ETag', object.etag],
    ...version,
  ];
}

function overridden(stored: readonly HeaderLine[], parameter: ObjectRequest['parameter']): HeaderLine[] {
  const given = OVERRIDES.flatMap((name): HeaderLine[] => {
    const value = parameter(`response-${name.toLowerCase()}`);
    return value === undefined ? [] : [[name, value]];
  });
  const replaced = new Set(given.map(([name]) => name.toLowerCase()));
  return [...stored.filter(([name]) => !replaced.has(name.toLowerCase())), ...given];
}

function slice(source: ByteSource, first: number, last: number): ByteSource {
  return { size: last - first + 1, read: (offset, length) => source.read(first + offset, length) };
}

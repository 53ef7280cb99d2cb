import { answerObject } from './object-answer.ts';
import { decodeUtf8, readTarget } from './request-target.ts';
import {
  type AnswerContext,
  type S3Answer,
  type S3Error,
  answerError,
  commonHeaders,
  escapeXml,
  sourceOf,
} from './s3-answer.ts';
import type { StoredObject } from './stored-object.ts';
import type { ReceivedRequest } from './verify-signature.ts';

/** One bucket and what is in it. */
export interface Bucket {
  readonly name: string;
  readonly region: string;
  /** By decoded key, without a leading slash of the path. */
  readonly objects: ReadonlyMap<string, StoredObject>;
}

/** Where a request leads: the key is empty for the bucket, undefined for the service itself. */
export interface RequestedKey {
  readonly bucket: string | undefined;
  readonly key: string;
}

/** Parameters that leave GetObject what it is; any other names another operation. */
const OBJECT_PARAMETER = /^(versionId|partNumber|x-id|response-.+)$/;

/**
 * Answers a verified request as S3 does, in path style and in virtual-hosted style: objects, `HEAD` of the bucket,
 * and a listing for `GET` of the bucket or of `/`, which shows a test that it was reached.
 * Errors: 400 InvalidURI, KeyTooLongError; 404 NoSuchBucket, NoSuchKey; 405 MethodNotAllowed; 501 NotImplemented for
 * every other operation.
 */
export function answerRequest(request: ReceivedRequest, bucket: Bucket, nowMs: number): S3Answer {
  const context: AnswerContext = { method: request.method, nowMs };
  const fail = (status: number, code: string, more: Partial<S3Error> = {}) =>
    answerError({ status, code, message: `This is ${code}.`, ...more }, context);
  if (request.method !== 'GET' && request.method !== 'HEAD') return fail(405, 'MethodNotAllowed');
  const requested = resolveKey(request, bucket.name);
  if (requested === undefined) return fail(400, 'InvalidURI');
  const { key } = requested;
  if (requested.bucket === undefined) return answerListing(bucket, context);
  if (requested.bucket !== bucket.name) {
    return fail(404, 'NoSuchBucket', { details: { BucketName: requested.bucket } });
  }
  if (Buffer.byteLength(key) > 1024) return fail(400, 'KeyTooLongError');
  if (key === '') return answerListing(bucket, context);
  const query = readTarget(request.target)?.query ?? {};
  if (!Object.keys(query).every((name) => OBJECT_PARAMETER.test(name))) return fail(501, 'NotImplemented');
  const object = bucket.objects.get(key);
  if (object === undefined) return fail(404, 'NoSuchKey', { details: { Key: key } });
  const parameter = (name: string): string | undefined => query[name]?.[0];
  return answerObject(object, { context, parameter, header: (name) => findHeader(request.rawHeaders, name) });
}

/**
 * The bucket and the key that a request names.
 * @returns undefined where S3 answers InvalidURI: the target cannot be decoded, or the key is not UTF-8.
 */
export function resolveKey(request: ReceivedRequest, bucketName: string): RequestedKey | undefined {
  const target = readTarget(request.target);
  const path = target && decodeUtf8(target.path);
  if (path === undefined) return undefined;
  const host = findHeader(request.rawHeaders, 'host') ?? '';
  if (host.startsWith(`${bucketName}.`)) return { bucket: bucketName, key: path.slice(1) };
  const slashAt = path.indexOf('/', 1);
  const bucket = slashAt === -1 ? path.slice(1) : path.slice(1, slashAt);
  return { bucket: bucket === '' ? undefined : bucket, key: slashAt === -1 ? '' : path.slice(slashAt + 1) };
}

/** The first value of a header in a flat list, by lower-case name. */
export function findHeader(rawHeaders: readonly string[], name: string): string | undefined {
  const at = rawHeaders.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === name);
  return at === -1 ? undefined : rawHeaders[at + 1];
}

function answerListing(bucket: Bucket, context: AnswerContext): S3Answer {
  const contents = [...bucket.objects].map(
    ([key, { source, etag }]) =>
      `<Contents><Key>${escapeXml(key)}</Key><ETag>${escapeXml(etag)}</ETag><Size>${source.size}</Size></Contents>`,
  );
  const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult><Name>${bucket.name}</Name>${contents.join('')}</ListBucketResult>`;
  return {
    status: 200,
    headers: [
      ...commonHeaders(context),
      ['x-amz-bucket-region', bucket.region],
      ['Content-Type', 'application/xml'],
      ['Transfer-Encoding', 'chunked'],
      ['Server', 'AmazonS3'],
    ],
    body: context.method === 'HEAD' ? undefined : sourceOf(Buffer.from(xml)),
  };
}

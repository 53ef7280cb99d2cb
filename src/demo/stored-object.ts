import { createHash } from 'node:crypto';
import { type ByteSource, type HeaderLine, sourceOf } from './s3-answer.ts';

/** An object in a bucket: its bytes, and what S3 says about it. */
export interface StoredObject {
  readonly source: ByteSource;
  /** Quoted: `"d41d8…"`. */
  readonly etag: string;
  /** Whole seconds. */
  readonly lastModified: Date;
  readonly contentType: string;
  readonly versionId: string | undefined;
  /** Stored metadata in sending order: `Cache-Control`, `x-amz-meta-*` … */
  readonly headers: readonly HeaderLine[];
}

export interface StoredObjectOptions {
  readonly etag?: string | undefined;
  readonly lastModified?: Date | undefined;
  /** `binary/octet-stream` unless given, as in S3. */
  readonly contentType?: string | undefined;
  readonly versionId?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/**
 * An object of these bytes, or of a source that computes them.
 * Without an ETag it gets the MD5 of its bytes; a source gets the MD5 of its size and the form of a multipart
 * upload's, `"…-1"`.
 */
export function storeObject(
  body: string | Uint8Array | ByteSource,
  options: StoredObjectOptions = {},
): StoredObject {
  const isSource = typeof body === 'object' && 'read' in body;
  const source = isSource ? body : sourceOf(Buffer.from(body));
  const hashed = isSource ? String(body.size) : body;
  const md5 = createHash('md5').update(hashed).digest('hex');
  return {
    source,
    etag: options.etag ?? `"${md5}${isSource ? '-1' : ''}"`,
    lastModified: new Date(Math.floor((options.lastModified ?? new Date()).getTime() / 1000) * 1000),
    contentType: options.contentType ?? 'binary/octet-stream',
    versionId: options.versionId,
    headers: Object.entries(options.headers ?? {}),
  };
}

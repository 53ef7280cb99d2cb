import { ProxyFailure } from '../failures.ts';

/** A path in S3's canonical form. */
export interface ObjectPath {
  /** Encoded once by S3's rule, the same string for the signature and for the wire. Begins with a slash. */
  readonly encoded: string;
  /** Bytes of the path when decoded, its leading slash included. */
  readonly byteLength: number;
}

const UNRESERVED_PATH = /^[A-Za-z0-9\-._~/]*$/;
const DOT_SEGMENT = /\/\.{1,2}(?:\/|$)/;
const PERCENT = 0x25;

/** S3 leaves A-Z a-z 0-9 - . _ ~ and the slash; every other byte is %XX in upper case (AWS, "Create a canonical request"). */
const ENCODED_BYTE: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  const char = String.fromCharCode(byte);
  return UNRESERVED_PATH.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
});

/**
 * Decodes a raw request path once into bytes and encodes it by S3's rule; `+` is a plus (RFC 3986 §3.3).
 * S3 decodes and re-encodes before it checks a signature, so no other form can be signed safely.
 * @throws {ProxyFailure} `bad_target`, `bad_percent_encoding` or `dot_segment` (also one that was percent-encoded:
 * S3 takes it literally, but caches and proxies on the way resolve it and would leave the bucket's prefix).
 */
export function canonicalizePath(rawPath: string): ObjectPath {
  if (rawPath.charCodeAt(0) !== 0x2f) throw new ProxyFailure('bad_target');
  const path: ObjectPath = UNRESERVED_PATH.test(rawPath)
    ? { encoded: rawPath, byteLength: rawPath.length }
    : encodePath(decodePercent(rawPath));
  if (DOT_SEGMENT.test(path.encoded)) throw new ProxyFailure('dot_segment');
  return path;
}

/** The bytes of a percent-encoded ASCII string. @throws {ProxyFailure} `bad_target` or `bad_percent_encoding` */
export function decodePercent(text: string): Buffer {
  const bytes = Buffer.allocUnsafe(text.length);
  let length = 0;
  for (let index = 0; index < text.length; index += 1) {
    let byte = text.charCodeAt(index);
    if (byte <= 0x20 || byte >= 0x7f) throw new ProxyFailure('bad_target');
    if (byte === PERCENT) {
      byte = (hexDigit(text.charCodeAt(index + 1)) << 4) | hexDigit(text.charCodeAt(index + 2));
      index += 2;
    }
    bytes[length] = byte;
    length += 1;
  }
  return bytes.subarray(0, length);
}

/** RFC 3986 encoding of every byte but the unreserved ones, for a query; the slash is encoded too. */
export function encodeQueryPart(bytes: Buffer): string {
  return encodePath(bytes).encoded.replaceAll('/', '%2F');
}

function encodePath(bytes: Buffer): ObjectPath {
  let encoded = '';
  for (const byte of bytes) encoded += ENCODED_BYTE[byte] ?? '';
  return { encoded, byteLength: bytes.length };
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  if (lower >= 0x61 && lower <= 0x66) return lower - 0x57;
  throw new ProxyFailure('bad_percent_encoding');
}

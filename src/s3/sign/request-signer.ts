/** Keys as AWS issues them. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** What stays the same for all requests of a route. */
export interface SigningScope {
  /** Sent and signed. */
  readonly host: string;
  readonly region: string;
  readonly service: string;
}

export interface UnsignedRequest {
  readonly method: 'GET' | 'HEAD';
  /** Canonically encoded; it may hold ASCII only. */
  readonly path: string;
  /** Canonically encoded and sorted; empty for none. */
  readonly query: string;
}

/**
 * Signs for one scope with AWS Signature Version 4 in headers (AWS, "Authenticating requests: using the Authorization
 * header"); `host` and `x-amz-*` are signed only. Credentials and the clock come with each request, as both change.
 * @param credentials - compared by identity: a new object means new keys.
 * @param nowMs - milliseconds since the epoch; the signature names the whole second.
 * @returns flat headers to send, names in lower case, Host included; an array of the caller's own.
 */
export type RequestSigner = (
  request: UnsignedRequest,
  credentials: Credentials,
  nowMs: number,
) => string[] | Promise<string[]>;

/** SHA-256 of nothing: S3 wants the payload's hash in a header of every request, and these have no payload. */
export const EMPTY_PAYLOAD_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

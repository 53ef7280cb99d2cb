import { ProxyFailure } from '../failures.ts';
import type { ObjectTarget } from '../request/route.ts';
import type { ClientWatch } from './client-watch.ts';
import { exchange, type S3Response } from './exchange.ts';
import { readS3Error, type S3Error } from './read-s3-error.ts';
import type { Credentials } from './sign/request-signer.ts';
import type { Upstream } from './upstream.ts';

/** What a request notes down about its attempts. */
export interface AttemptNotes {
  attempts: number;
  /** Of the request's start until S3's first head. */
  firstByteMs: number | undefined;
  readonly startedAtMs: number;
}

/** One question to S3; it may be put more than once. */
export interface Ask {
  readonly target: ObjectTarget<Upstream>;
  /** The client's range, or undefined where the whole object is wanted. */
  readonly range: string | undefined;
  readonly watch: ClientWatch;
  readonly notes: AttemptNotes;
}

/** S3's answer to one attempt. */
export interface S3Answer {
  readonly response: S3Response;
  /** What S3 said went wrong; then the body has been read. */
  readonly error: S3Error | undefined;
  readonly signedWith: Credentials;
}

/**
 * Signs and sends one attempt, and reads what S3 has to say against it.
 * @throws {ProxyFailure} where there is no answer.
 */
export async function askS3({ target, range, watch, notes }: Ask): Promise<S3Answer> {
  const { upstream } = target.entry;
  const signedWith = upstream.credentials.current() ?? (await upstream.credentials.waitForFirst());
  if (signedWith === undefined) throw new ProxyFailure('credentials_unavailable');
  const { method, wirePath: path, wireQuery: query } = target;
  const signing = upstream.sign({ method, path, query }, signedWith, upstream.clock.nowMs());
  const headers = Array.isArray(signing) ? signing : await signing;
  // After the signature: neither needs to be signed, and a client's odd white space would break it.
  if (range !== undefined) headers.push('range', range);
  headers.push(...target.conditions);
  notes.attempts += 1;
  const response = await exchange(
    upstream,
    { method, target: query === '' ? path : `${path}?${query}`, headers },
    watch,
  );
  notes.firstByteMs ??= performance.now() - notes.startedAtMs;
  return {
    response,
    error: isObjectStatus(response.head.statusCode) ? undefined : await readS3Error(response),
    signedWith,
  };
}

function isObjectStatus(statusCode: number): boolean {
  return statusCode === 200 || statusCode === 206 || statusCode === 304;
}

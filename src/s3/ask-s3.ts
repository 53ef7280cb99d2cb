import { ProxyFailure } from '../failures.ts';
import type { ObjectTarget } from '../request/route.ts';
import type { AttemptRequest, ResponseHead } from './attempt.ts';
import { checkHead } from './check-head.ts';
import type { ClientWatch } from './client-watch.ts';
import { type AttemptTrail, exchange, type S3Response } from './exchange.ts';
import { findHeader } from './find-header.ts';
import { readS3Error, type S3Error } from './read-s3-error.ts';
import type { Credentials } from './sign/request-signer.ts';
import type { Location, Upstream } from './upstream.ts';

/** What a request notes down about its attempts. */
export interface AttemptNotes {
  /** Of `performance.now()`. */
  readonly startedAtMs: number;
  /** Requests sent to S3, hedges and resumes included. */
  attempts: number;
  hedges: number;
  hedgesWon: number;
  resumes: number;
  /** Why there was more than one attempt, in order: names of failures, `503 SlowDown`, `region`, `if_range` … */
  readonly causes: string[];
  /** From the request's start to S3's first head. */
  firstByteMs: number | undefined;
  /** Of S3's newest head. */
  s3Status: number | undefined;
  s3RequestId: string | undefined;
  s3HostId: string | undefined;
  s3ErrorCode: string | undefined;
  /** Every error that S3 answered with, in order: its code, or its status where it sent none. */
  s3Errors: string[] | undefined;
}

/** One question to S3; it may be put more than once. */
export interface Ask {
  readonly target: ObjectTarget<Upstream>;
  /** The range to ask for; undefined for the whole object. */
  readonly range: string | undefined;
  /** Conditions to ask under, flat. */
  readonly conditions: readonly string[];
  /** Of the client. */
  readonly watch: ClientWatch;
  readonly notes: AttemptNotes;
  /** Whether the first attempt is one that follows on something that went wrong. */
  readonly isFresh: boolean;
  readonly trail: AttemptTrail;
  /** Whether it may be put twice when the head is late: not where the client has a head already. */
  readonly mayHedge: boolean;
  /** Of `performance.now()`; no attempt is begun after that. */
  readonly endsAtMs: number;
}

/** How one attempt is made. */
export interface AttemptMode {
  /** Of this attempt, which may be given up while the client waits on. */
  readonly watch: ClientWatch;
  /** After something went wrong: not on a connection that was used before, nor to the address where it did. */
  readonly isFresh: boolean;
}

/** S3's answer to one attempt. */
export interface S3Answer {
  readonly response: S3Response;
  /** What S3 said went wrong; then the body has been read. */
  readonly error: S3Error | undefined;
  /** Bytes that the body must have; undefined where S3's chunks say the end, or there is no body. */
  readonly promised: number | undefined;
  readonly signedWith: Credentials;
  /** Where it was asked. */
  readonly location: Location;
}

/**
 * Signs and sends one attempt, checks the head, and reads what S3 has to say against it.
 * @throws {ProxyFailure} where there is no answer, or none that can be believed.
 */
export async function askS3(ask: Ask, { watch, isFresh }: AttemptMode): Promise<S3Answer> {
  const { target, notes, trail } = ask;
  const { upstream } = target.entry;
  const signedWith = upstream.credentials.current() ?? (await upstream.credentials.waitForFirst());
  if (signedWith === undefined) throw new ProxyFailure('credentials_unavailable');
  const { location } = upstream;
  const { method, wirePath: path, wireQuery: query } = target;
  const signing = location.sign({ method, path, query }, signedWith, upstream.clock.nowMs());
  const request = toAttempt(ask, isFresh, Array.isArray(signing) ? signing : await signing);
  notes.attempts += watch.isGone ? 0 : 1;
  const sentAtMs = performance.now();
  const response = await exchange(location.client, request, { watch, trail, notes });
  const headAtMs = performance.now();
  notes.firstByteMs ??= headAtMs - notes.startedAtMs;
  upstream.resilience.hedging?.noteFirstByte(headAtMs - sentAtMs);
  noteHead(notes, response.head);
  if (isObjectStatus(response.head.statusCode))
    return { response, error: undefined, promised: believe(response, ask), signedWith, location };
  const error = await readS3Error(response, request.firstByteTimeoutMs);
  // Of a race that is over only the winner counts.
  if (!watch.isGone) {
    notes.s3ErrorCode = error.code;
    (notes.s3Errors ??= []).push(error.code ?? String(response.head.statusCode));
  }
  return { response, error, promised: undefined, signedWith, location };
}

function toAttempt(ask: Ask, isFresh: boolean, headers: string[]): AttemptRequest {
  const { target, range, conditions, trail } = ask;
  const { method, wirePath: path, wireQuery: query } = target;
  const { firstByteTimeoutMs } = target.entry.upstream.resilience;
  // After the signature: neither needs to be signed, and a client's odd white space would break it.
  if (range !== undefined) headers.push('range', range);
  headers.push(...conditions);
  return {
    method,
    target: query === '' ? path : `${path}?${query}`,
    headers,
    connection: isFresh ? 'fresh' : 'any',
    awayFrom: isFresh ? trail.last?.address : undefined,
    firstByteTimeoutMs: isFresh ? 2 * firstByteTimeoutMs : firstByteTimeoutMs,
  };
}

/** @returns bytes that the body must have. @throws {ProxyFailure} `s3_bad_response`, `s3_wrong_range` */
function believe(response: S3Response, { target, range }: Ask): number | undefined {
  if (response.head.statusCode === 304) return undefined;
  const { method, hasPartNumber } = target;
  try {
    return checkHead(response.head, { method, range, hasPartNumber });
  } catch (failure) {
    response.discard();
    throw failure;
  }
}

/** What AWS's support asks for. */
function noteHead(notes: AttemptNotes, { statusCode, headers }: ResponseHead): void {
  notes.s3Status = statusCode;
  notes.s3ErrorCode = undefined;
  notes.s3RequestId = findHeader(headers, 'x-amz-request-id');
  notes.s3HostId = findHeader(headers, 'x-amz-id-2');
}

function isObjectStatus(statusCode: number): boolean {
  return statusCode === 200 || statusCode === 206 || statusCode === 304;
}

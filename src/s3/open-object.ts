import { ProxyFailure } from '../failures.ts';
import type { ObjectTarget } from '../request/route.ts';
import type { ClientWatch } from './client-watch.ts';
import { exchange, type S3Response } from './exchange.ts';
import { matchesValidator } from './if-range.ts';
import type { Upstream } from './upstream.ts';

/** What a request notes down about its attempts. */
export interface AttemptNotes {
  attempts: number;
}

/** What varies between two attempts for one object. */
interface Ask {
  readonly target: ObjectTarget<Upstream>;
  readonly range: string | undefined;
  readonly watch: ClientWatch;
  readonly notes: AttemptNotes;
}

/** An answer, and the range it is to be held against. */
export interface ObjectResponse {
  readonly response: S3Response;
  /** The range that S3 was asked for in the end; an If-Range that does not match takes it away. */
  readonly range: string | undefined;
}

/**
 * Gets S3's answer for an object, whatever its status. Everything that makes more than one attempt lives here.
 * @throws {ProxyFailure} where there is no answer.
 */
export async function openObject(
  target: ObjectTarget<Upstream>,
  watch: ClientWatch,
  notes: AttemptNotes,
): Promise<ObjectResponse> {
  const ask: Ask = { target, range: target.range, watch, notes };
  const response = await attempt(ask);
  if (target.ifRange === undefined || !mayNeedWhole(response, target.ifRange))
    return { response, range: ask.range };
  return openWhole({ ...ask, range: undefined }, target.ifRange, response);
}

/**
 * S3 has no If-Range (RFC 9110 §13.1.5), so a 206 is checked against the validator here. Behind a 416 the object may
 * have changed too, which only the whole object's head can tell.
 */
function mayNeedWhole(response: S3Response, ifRange: string): boolean {
  const { statusCode, headers } = response.head;
  return statusCode === 416 || (statusCode === 206 && !matchesValidator(ifRange, headers));
}

async function openWhole(ask: Ask, ifRange: string, ranged: S3Response): Promise<ObjectResponse> {
  const wasUnsatisfiable = ranged.head.statusCode === 416;
  if (!wasUnsatisfiable) ranged.discard();
  let isRangedKept = false;
  try {
    const whole = await attempt(ask);
    isRangedKept =
      wasUnsatisfiable && whole.head.statusCode === 200 && matchesValidator(ifRange, whole.head.headers);
    if (!isRangedKept) return { response: whole, range: undefined };
    whole.discard();
    return { response: ranged, range: ask.target.range };
  } finally {
    if (!isRangedKept) ranged.discard();
  }
}

async function attempt({ target, range, watch, notes }: Ask): Promise<S3Response> {
  const { upstream } = target.entry;
  const credentials = upstream.credentials.current();
  if (credentials === undefined) throw new ProxyFailure('credentials_unavailable');
  const { method, wirePath: path, wireQuery: query } = target;
  const signed = await upstream.sign({ method, path, query }, credentials, new Date());
  // After the signature: neither needs to be signed, and a client's odd white space would break it.
  if (range !== undefined) signed.push('range', range);
  signed.push(...target.conditions);
  notes.attempts += 1;
  return exchange(
    upstream,
    { method, target: query === '' ? path : `${path}?${query}`, headers: signed },
    watch,
  );
}

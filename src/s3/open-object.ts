import type { ObjectTarget } from '../request/route.ts';
import type { Ask, AttemptNotes, S3Answer } from './ask-s3.ts';
import { askWithRetries } from './ask-with-retries.ts';
import type { ClientWatch } from './client-watch.ts';
import type { S3Response } from './exchange.ts';
import { matchesValidator } from './if-range.ts';
import { makeResumable } from './resume-body.ts';
import type { S3Error } from './read-s3-error.ts';
import type { Upstream } from './upstream.ts';

/** What S3 has answered for good. */
export interface ObjectAnswer {
  readonly response: S3Response;
  /** What S3 said went wrong; then there is no body left. */
  readonly error: S3Error | undefined;
  /** Bytes that the body must have; undefined where S3's chunks say the end, or there is no body. */
  readonly promised: number | undefined;
}

/**
 * Gets S3's answer for an object, whatever its status. Everything that makes more than one attempt begins here.
 * @throws {ProxyFailure} where there is no answer, or none that can be believed.
 */
export async function openObject(
  target: ObjectTarget<Upstream>,
  watch: ClientWatch,
  notes: AttemptNotes,
): Promise<ObjectAnswer> {
  const { range, conditions, ifRange } = target;
  const ask: Ask = {
    target,
    range,
    conditions,
    watch,
    notes,
    isFresh: false,
    trail: { last: undefined },
    mayHedge: true,
    endsAtMs: notes.startedAtMs + target.entry.upstream.resilience.totalMs,
  };
  const answer = await askWithRetries(ask);
  if (ifRange === undefined || !mayNeedWhole(answer, ifRange)) return accept(answer, ask);
  return openWhole({ ...ask, range: undefined }, ifRange, answer);
}

/**
 * S3 has no If-Range (RFC 9110 §13.1.5), so a 206 is checked against the validator here. Behind a 416 the object may
 * have changed too, which only the whole object's head can tell.
 */
function mayNeedWhole({ response: { head } }: S3Answer, ifRange: string): boolean {
  return head.statusCode === 416 || (head.statusCode === 206 && !matchesValidator(ifRange, head.headers));
}

async function openWhole(ask: Ask, ifRange: string, ranged: S3Answer): Promise<ObjectAnswer> {
  ranged.response.discard();
  ask.notes.causes.push('if_range');
  const whole = await askWithRetries(ask);
  const { statusCode, headers } = whole.response.head;
  const isUnchanged = ranged.error !== undefined && statusCode === 200 && matchesValidator(ifRange, headers);
  if (!isUnchanged) return accept(whole, ask);
  whole.response.discard();
  return accept(ranged, ask);
}

function accept({ response, error, promised }: S3Answer, ask: Ask): ObjectAnswer {
  return { response: makeResumable(response, ask, promised), error, promised };
}

import type { ObjectTarget } from '../request/route.ts';
import { type Ask, askS3, type AttemptNotes, type S3Answer } from './ask-s3.ts';
import type { ClientWatch } from './client-watch.ts';
import { cureRefusal } from './cure-refusal.ts';
import { matchesValidator } from './if-range.ts';
import type { Upstream } from './upstream.ts';

/** An answer, and the range it is to be held against. */
export interface ObjectAnswer extends S3Answer {
  /** The range that S3 was asked for in the end; an If-Range that does not match takes it away. */
  readonly range: string | undefined;
}

/** Both cures may be needed for one request: a wrong clock, and keys that have ended in the meantime. */
const MOST_CURES = 2;

/**
 * Gets S3's answer for an object, whatever its status. Everything that makes more than one attempt lives here.
 * @throws {ProxyFailure} where there is no answer.
 */
export async function openObject(
  target: ObjectTarget<Upstream>,
  watch: ClientWatch,
  notes: AttemptNotes,
): Promise<ObjectAnswer> {
  const ask: Ask = { target, range: target.range, watch, notes };
  const answer = await askUntilCured(ask);
  if (target.ifRange === undefined || !mayNeedWhole(answer, target.ifRange))
    return { ...answer, range: ask.range };
  return openWhole({ ...ask, range: undefined }, target.ifRange, answer);
}

async function askUntilCured(ask: Ask): Promise<S3Answer> {
  let answer = await askS3(ask);
  for (
    let cures = 0;
    cures < MOST_CURES && (await cureRefusal(answer, ask.target.entry.upstream));
    cures += 1
  ) {
    answer = await askS3(ask);
  }
  return answer;
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
  const whole = await askUntilCured(ask);
  const { statusCode, headers } = whole.response.head;
  const isUnchanged = ranged.error !== undefined && statusCode === 200 && matchesValidator(ifRange, headers);
  if (!isUnchanged) return { ...whole, range: undefined };
  whole.response.discard();
  return { ...ranged, range: ask.target.range };
}

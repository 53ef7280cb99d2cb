import { virtualBytes } from '../../servers/fake-s3-virtual-bytes.ts';
import type { Answer } from '../../support/send-request.ts';
import type { RangeForm, Schedule } from './schedule.ts';

/** Further apart than any object is long: no byte of one version stands in the same place of another. */
const VERSION_STRIDE_BYTES = 2 ** 26;

/** One state of an object. */
export interface Version {
  readonly number: number;
  readonly size: number;
}

/** Bytes of a version. */
export function versionBytes({ number }: Version, offset: number, length: number): Buffer {
  return virtualBytes(number * VERSION_STRIDE_BYTES + offset, length);
}

/** What RFC 9110 §14 and S3 make of a range: the part, or undefined for one that cannot be had. */
export function rightPart(range: RangeForm, size: number): { first: number; length: number } | undefined {
  switch (range.form) {
    case 'whole':
      return { first: 0, length: size };
    case 'suffix': {
      const length = Math.min(range.bytes, size);
      return length === 0 ? undefined : { first: size - length, length };
    }
    default: {
      const last = Math.min(range.form === 'open' ? Infinity : range.last, size - 1);
      return range.first >= size ? undefined : { first: range.first, length: last - range.first + 1 };
    }
  }
}

/**
 * Whether nothing but right bytes has come: those of one version, from the first that was asked for on, all of them
 * unless the connection was visibly cut.
 */
export function isRightOrCut(answer: Answer, schedule: Schedule, versions: readonly Version[]): boolean {
  const { status, body, isComplete, headers } = answer;
  const { range } = schedule;
  if (status >= 400 && status !== 416) return isComplete;
  return versions.some((version) => {
    // S3 may send the whole object for a range, and says so by the status.
    const part = rightPart(status === 200 ? { form: 'whole' } : range, version.size);
    if (status === 416) return part === undefined || mayLeaveObject(schedule);
    if (part === undefined) return false;
    const { first, length } = part;
    const contentRange = `bytes ${first}-${first + length - 1}/${version.size}`;
    return (
      (status === 200 || (status === 206 && headers['content-range'] === contentRange)) &&
      (isComplete ? body.length === length : body.length <= length) &&
      body.equals(versionBytes(version, first, body.length))
    );
  });
}

/** A range that S3 moves on can end up behind the object, which S3 then says. */
function mayLeaveObject({ events }: Schedule): boolean {
  return events.some((event) => event.is === 'odd' && 'shiftBytes' in event.fault);
}

/** Whether retries and resumes are enough for all that befalls the request, so that the client must see none of it. */
export function mustBeAbsorbed({ events }: Schedule): boolean {
  const count = (is: string): number => events.filter((event) => event.is === is).length;
  return count('odd') === 0 && count('replaced') === 0 && count('no head') <= 2 && count('break') <= 4;
}

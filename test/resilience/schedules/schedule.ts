import fc from 'fast-check';
import type { Fault } from '../../servers/fake-s3-faults.ts';

/** What happens at one request of S3's, the requests taken in their order. */
export type Event =
  | { readonly is: 'fine' }
  /** Nothing that can be believed comes; another attempt may bring it. */
  | { readonly is: 'no head'; readonly fault: Fault }
  /** The body ends too early. */
  | { readonly is: 'break'; readonly fault: Fault }
  /** An answer that is not what it should be. */
  | { readonly is: 'odd'; readonly fault: Fault }
  /** Right after the request is taken, the object is replaced by one of this size; then the answer goes wrong. */
  | { readonly is: 'replaced'; readonly size: number; readonly fault: Fault };

export type RangeForm =
  | { readonly form: 'whole' }
  | { readonly form: 'closed'; readonly first: number; readonly last: number }
  | { readonly form: 'open'; readonly first: number }
  | { readonly form: 'suffix'; readonly bytes: number };

/** One request of a client, and what S3 makes of it. */
export interface Schedule {
  readonly size: number;
  readonly range: RangeForm;
  readonly events: readonly Event[];
  /** Requests before it that nothing befalls, so that connections are there to be used again. */
  readonly warmUps: number;
}

const LARGEST_BYTES = 2_000_000;

const size = fc.oneof(
  { arbitrary: fc.nat(100), weight: 2 },
  { arbitrary: fc.nat(100_000), weight: 3 },
  { arbitrary: fc.nat(LARGEST_BYTES), weight: 5 },
);

/** Places in an object of that size, its ends among them; some lie behind it. */
function place(bytes: number): fc.Arbitrary<number> {
  return fc.oneof(
    { arbitrary: fc.nat(bytes), weight: 6 },
    { arbitrary: fc.constantFrom(0, 1, Math.max(0, bytes - 1), bytes), weight: 2 },
    { arbitrary: fc.nat(2 * LARGEST_BYTES), weight: 1 },
  );
}

function range(bytes: number): fc.Arbitrary<RangeForm> {
  return fc.oneof(
    fc.constant({ form: 'whole' } as const),
    fc.tuple(place(bytes), place(bytes)).map(([one, other]) => {
      return { form: 'closed', first: Math.min(one, other), last: Math.max(one, other) } as const;
    }),
    place(bytes).map((first) => ({ form: 'open', first }) as const),
    place(bytes).map((suffix) => ({ form: 'suffix', bytes: suffix }) as const),
  );
}

const noHead = fc.constantFrom<Fault>(
  { kind: 'reset', at: 'before-head' },
  { kind: 'finish', at: 'before-head' },
  { kind: 'reset', at: 'in-head' },
  { kind: 'finish', at: 'in-head' },
  { kind: 'garbage' },
  { kind: 'status', status: 500, code: 'InternalError' },
  { kind: 'status', status: 503, code: 'SlowDown' },
  { kind: 'content-range', value: 'bytes 7-7/77' },
);

function bodyBreak(bytes: number): fc.Arbitrary<Fault> {
  return fc.oneof(
    { arbitrary: place(bytes).map((at): Fault => ({ kind: 'finish', at })), weight: 6 },
    { arbitrary: place(bytes).map((at): Fault => ({ kind: 'reset', at })), weight: 6 },
    { arbitrary: place(bytes).map((at): Fault => ({ kind: 'stall', at })), weight: 1 },
  );
}

const odd = fc.oneof(
  fc.integer({ min: 1, max: 5000 }).map((shiftBytes): Fault => ({ kind: 'content-range', shiftBytes })),
  fc.integer({ min: 1, max: 5000 }).map((delta): Fault => ({ kind: 'content-length', delta })),
  fc.constantFrom<Fault>(
    { kind: 'etag', etag: '"of another"' },
    { kind: 'etag', etag: 'W/"weak"' },
    { kind: 'whole-for-range' },
    { kind: 'until-close' },
    { kind: 'chunked', damage: 'none' },
    { kind: 'chunked', damage: 'no-end' },
    { kind: 'close' },
    { kind: 'interim', status: 103 },
    { kind: 'status', status: 412, code: 'PreconditionFailed' },
  ),
);

function replaced(bytes: number): fc.Arbitrary<Event> {
  return fc.record({
    is: fc.constant('replaced' as const),
    // Of the same size only the ETag tells the one from the other.
    size: fc.oneof(fc.constant(bytes), size),
    fault: fc.oneof({ arbitrary: bodyBreak(bytes), weight: 3 }, noHead),
  });
}

function event(bytes: number): fc.Arbitrary<Event> {
  return fc.oneof(
    { arbitrary: fc.constant({ is: 'fine' } as const), weight: 2 },
    { arbitrary: noHead.map((fault) => ({ is: 'no head', fault }) as const), weight: 2 },
    { arbitrary: bodyBreak(bytes).map((fault) => ({ is: 'break', fault }) as const), weight: 8 },
    { arbitrary: odd.map((fault) => ({ is: 'odd', fault }) as const), weight: 1 },
    { arbitrary: replaced(bytes), weight: 1 },
  );
}

export const schedule: fc.Arbitrary<Schedule> = size.chain((bytes) =>
  fc.record({
    size: fc.constant(bytes),
    range: range(bytes),
    events: fc.array(event(bytes), { maxLength: 9 }),
    warmUps: fc.nat(2),
  }),
);

/** The header of a range; undefined for the whole object. */
export function renderRange(asked: RangeForm): string | undefined {
  switch (asked.form) {
    case 'whole':
      return undefined;
    case 'closed':
      return `bytes=${asked.first}-${asked.last}`;
    case 'open':
      return `bytes=${asked.first}-`;
    case 'suffix':
      return `bytes=-${asked.bytes}`;
  }
}

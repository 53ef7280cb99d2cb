import type { Random } from '../fuzz/random.ts';
import type { Fault } from '../servers/fake-s3-faults.ts';
import { createSoakObject, FILM, SMALL_OBJECTS, type SoakObject, WHOLE_OBJECTS } from './soak-objects.ts';

/** One request of the soak, and what must come of it. */
export interface PlannedRequest {
  readonly kind: 'small' | 'range' | 'head' | 'condition' | 'whole';
  readonly object: SoakObject;
  readonly method: 'GET' | 'HEAD';
  readonly headers: Readonly<Record<string, string>>;
  readonly status: 200 | 206 | 304 | 412;
  /** Offset in the object of the body's first byte, and its bytes; none for a HEAD, a 304 and an error. */
  readonly first: number;
  readonly length: number;
  /** `stalls` and `leaves` say what the client does when so many bytes of the body have come. */
  readonly client:
    | { readonly does: 'read' }
    | { readonly does: 'leave'; readonly afterBytes: number }
    | { readonly does: 'stall'; readonly afterBytes: number; readonly forMs: number };
  /** Plays on an object of the request's own; so many attempts suffer. */
  readonly fault: { readonly play: Fault; readonly times: number } | undefined;
}

/** Shares of requests. What they are made of is drawn apart from what befalls them. */
export const SHARES = { faults: 0.02, leaves: 0.1, stalls: 0.05 } as const;

const RANGE_BYTES = 256 * 1024;
const WHOLE_BYTES = 8 * 2 ** 20;
const LONGEST_STALL_MS = 4000;
/** Places of objects that are put for one request only. */
const FIRST_PLACE = 80;
const PLACES = 176;

type Shape = Omit<PlannedRequest, 'client' | 'fault'>;

/** Draws one request after another; the same ones for the same seed. */
export class RequestPlanner {
  readonly #random: Random;
  /** Objects made for one request so far. */
  #owned = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  next(): PlannedRequest {
    const random = this.#random;
    const draw = random.below(100) / 100;
    const does = draw < SHARES.stalls ? 'stall' : draw < SHARES.stalls + SHARES.leaves ? 'leave' : 'read';
    const isFaulted = random.chance(SHARES.faults);
    if (isFaulted) this.#owned += 1;
    const number = this.#owned;
    const object = (usual: SoakObject): SoakObject => (isFaulted ? createOwn(usual, number) : usual);
    // A stalled reader must be behind with more than the kernel's sockets hold for it.
    const shape = does === 'stall' ? whole(object(random.pick(WHOLE_OBJECTS))) : planShape(random, object);
    return {
      ...shape,
      client: planClient(does, shape.length, random),
      fault: isFaulted ? planFault(shape, random) : undefined,
    };
  }
}

/** Nobody else asks for it, so that nobody else meets its fault. */
function createOwn({ size }: SoakObject, number: number): SoakObject {
  return createSoakObject(`once/${number}`, Math.min(size, WHOLE_BYTES), FIRST_PLACE + (number % PLACES));
}

function planClient(
  does: PlannedRequest['client']['does'],
  length: number,
  random: Random,
): PlannedRequest['client'] {
  if (does === 'read') return { does };
  if (does === 'leave') return { does, afterBytes: random.below(length + 1) };
  return { does, afterBytes: random.below(length / 2), forMs: 500 + random.below(LONGEST_STALL_MS) };
}

function planShape(random: Random, object: (usual: SoakObject) => SoakObject): Shape {
  const way = random.below(100);
  const small = (): SoakObject => object(random.pick(SMALL_OBJECTS));
  if (way < 45) return { ...whole(small()), kind: 'small' };
  if (way < 75) return part(object(FILM), random);
  if (way < 85) return { ...whole(small()), kind: 'head', method: 'HEAD', length: 0 };
  if (way < 97) return conditional(small(), random);
  return whole(object(random.pick(WHOLE_OBJECTS)));
}

function whole(object: SoakObject): Shape {
  return { kind: 'whole', object, method: 'GET', headers: {}, status: 200, first: 0, length: object.size };
}

function part(object: SoakObject, random: Random): Shape {
  const first = random.below(object.size - RANGE_BYTES);
  const headers = { range: `bytes=${first}-${first + RANGE_BYTES - 1}` };
  return { kind: 'range', object, method: 'GET', headers, status: 206, first, length: RANGE_BYTES };
}

function conditional(object: SoakObject, random: Random): Shape {
  const etag = `"${object.key}"`;
  const shape: Shape = { ...whole(object), kind: 'condition' };
  return random.pick<Shape>([
    { ...shape, headers: { 'if-none-match': etag }, status: 304, length: 0 },
    { ...shape, headers: { 'if-none-match': '"another"' } },
    { ...shape, headers: { 'if-match': etag } },
    { ...shape, headers: { 'if-match': '"another"' }, status: 412, length: 0 },
    { ...shape, headers: { 'if-range': etag, range: 'bytes=100-199' }, status: 206, first: 100, length: 100 },
    { ...shape, headers: { 'if-range': '"another"', range: 'bytes=100-199' } },
  ]);
}

/** Each of them is S3's or the network's, and each can be saved: before the head by a retry, in the body by a resume. */
function planFault({ length }: Shape, random: Random): PlannedRequest['fault'] {
  const once = (play: Fault) => ({ play, times: 1 });
  const again = (play: Fault) => ({ play, times: 1 + random.below(2) });
  const before: (() => PlannedRequest['fault'])[] = [
    () => again({ kind: 'status', status: 503, code: 'SlowDown' }),
    () => again({ kind: 'status', status: 500, code: 'InternalError' }),
    () => again({ kind: 'reset', at: 'before-head' }),
    () => again({ kind: 'reset', at: 'in-head' }),
    () => again({ kind: 'finish', at: 'before-head' }),
    () => once({ kind: 'stall', at: 'before-head' }),
  ];
  const at = random.below(Math.max(1, length));
  const inside: (() => PlannedRequest['fault'])[] = [
    () => once({ kind: 'reset', at }),
    () => once({ kind: 'finish', at }),
    () => once({ kind: 'stall', at }),
  ];
  return random.pick(length > 1 ? [...before, ...inside, ...inside] : before)();
}

/** What a request asks for. */
export interface ObjectSize {
  /** As in the tables: `1 KB`, `256 KB range`. */
  readonly label: string;
  /** Name in the bucket. */
  readonly object: string;
  readonly objectBytes: number;
  /** Of the range that is asked for; undefined for the whole object. */
  readonly rangeBytes?: number;
}

/** One measurement: a size and how many connections ask for it. */
export interface Cell {
  readonly size: ObjectSize;
  readonly connections: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;

/** A whole object of the given size. */
export function wholeObject(label: string, bytes: number): ObjectSize {
  return { label, object: `${bytes}`, objectBytes: bytes };
}

function rangeOf8MiB(label: string, rangeBytes: number): ObjectSize {
  return { label, object: `${8 * MIB}`, objectBytes: 8 * MIB, rangeBytes };
}

export const SMALLEST = wholeObject('1 KB', KIB);
export const LARGEST = wholeObject('8 MB', 8 * MIB);
export const QUARTER_RANGE = rangeOf8MiB('256 KB range', 256 * KIB);

/** The sizes of the tables: a manifest, a header read, two kinds of segment reads, a whole segment. */
export const SIZES: readonly ObjectSize[] = [
  SMALLEST,
  wholeObject('64 KB', 64 * KIB),
  QUARTER_RANGE,
  rangeOf8MiB('1 MB range', MIB),
  LARGEST,
];

export const CONNECTIONS: readonly number[] = [1, 16, 64];
/** The number at which ratios are held against the targets. */
export const HEADLINE_CONNECTIONS = 16;

/** For the growth of cost with the object's size. */
export const GROWING_SIZES: readonly ObjectSize[] = [
  SMALLEST,
  wholeObject('16 KB', 16 * KIB),
  wholeObject('256 KB', 256 * KIB),
  wholeObject('4 MB', 4 * MIB),
  wholeObject('64 MB', 64 * MIB),
  wholeObject('1 GB', 1024 * MIB),
];
export const GROWING_CONNECTIONS: readonly number[] = [1, 10, 100, 1000];
export const GROWING_ROUTES: readonly number[] = [1, 10, 100, 1000];

/** @returns bytes of the body of one answer */
export function bodyBytes({ objectBytes, rangeBytes }: ObjectSize): number {
  return rangeBytes ?? objectBytes;
}

/** @returns bytes of every object by its name */
export function objectsOf(sizes: readonly ObjectSize[]): Map<string, number> {
  return new Map(sizes.map(({ object, objectBytes }) => [object, objectBytes]));
}

/** How often each of some things happened, by name. */
export type Tally = Readonly<Record<string, number>>;

/** What is counted of requests, of one route or of all, since the start or between two moments. */
export interface Counts {
  readonly requests: number;
  readonly bytes: number;
  readonly attempts: number;
  readonly hedgesSent: number;
  readonly hedgesWon: number;
  readonly resumes: number;
  readonly clientAborts: number;
  readonly outcomes: Tally;
  /** By the outcome and, after a space, the failure, S3's code or the status class. */
  readonly reasons: Tally;
  readonly failures: Tally;
  readonly statuses: Tally;
  readonly s3Errors: Tally;
  readonly retryCauses: Tally;
  /** Buckets of a Prometheus histogram: by its upper bound in seconds, how many took no longer. */
  readonly firstByte: Tally;
  readonly total: Tally;
}

export const NO_COUNTS: Counts = {
  requests: 0,
  bytes: 0,
  attempts: 0,
  hedgesSent: 0,
  hedgesWon: 0,
  resumes: 0,
  clientAborts: 0,
  outcomes: {},
  reasons: {},
  failures: {},
  statuses: {},
  s3Errors: {},
  retryCauses: {},
  firstByte: {},
  total: {},
};

export function addCounts(one: Counts, other: Counts): Counts {
  return combine(one, other, (a, b) => a + b);
}

/** What came between two moments. Never below zero. */
export function subtractCounts(later: Counts, earlier: Counts): Counts {
  return combine(later, earlier, (a, b) => Math.max(0, a - b));
}

export function sumTally(tally: Tally): number {
  return Object.values(tally).reduce((sum, count) => sum + count, 0);
}

/** Without what did not happen. */
export function dropZeros(tally: Tally): Tally {
  return Object.fromEntries(Object.entries(tally).filter(([, count]) => count !== 0));
}

function combine(one: Counts, other: Counts, merge: (a: number, b: number) => number): Counts {
  const mergeField = (name: keyof Counts): number | Tally => {
    const [a, b] = [one[name], other[name]];
    return typeof a === 'number' || typeof b === 'number' ? merge(Number(a), Number(b)) : mergeTallies(a, b);
  };
  const mergeTallies = (a: Tally, b: Tally): Tally =>
    Object.fromEntries(
      [...new Set([...Object.keys(a), ...Object.keys(b)])].map((key) => [
        key,
        merge(a[key] ?? 0, b[key] ?? 0),
      ]),
    );
  const names = Object.keys(NO_COUNTS) as (keyof Counts)[];
  return Object.fromEntries(names.map((name) => [name, mergeField(name)])) as unknown as Counts;
}

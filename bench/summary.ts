import type { Sample } from './measure-sample.ts';
import { DIRECT, LIMIT } from './variants.ts';

/** The middle of some values and their ends. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** One variant in one cell, all rounds together. */
export interface CellSummary {
  readonly protocol: string;
  readonly size: string;
  readonly connections: number;
  readonly variant: string;
  readonly requestsPerSecond: Spread;
  readonly bytesPerSecond: Spread;
  readonly p50Us: Spread;
  readonly p99Us: Spread;
  /** CPU time of the proxy for one request, in microseconds; undefined without a proxy. */
  readonly cpuUs: Spread | undefined;
  /** Of `cpuUs` to that of nginx with default buffers in the same round. */
  readonly ratio: Spread | undefined;
}

/** @throws {Error} for no values at all */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  if (sorted.length === 0) throw new Error('no values to summarise');
  const middle = (sorted.length - 1) / 2;
  return {
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    least: at(0),
    most: at(sorted.length - 1),
  };
}

/** Medians over the rounds, in the order in which the samples first came. */
export function summarise(samples: readonly Sample[]): CellSummary[] {
  const groups = Map.groupBy(samples, (sample) => `${cellName(sample)} ${sample.variant}`);
  const limits = new Map(
    samples.filter(({ variant }) => variant === LIMIT).map((sample) => [roundName(sample), sample]),
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { protocol, size, connections, variant } = first;
    const over = (value: (sample: Sample) => number): Spread => spread(group.map(value));
    return {
      protocol,
      size,
      connections,
      variant,
      requestsPerSecond: over(({ requests, seconds }) => requests / seconds),
      bytesPerSecond: over(({ bytes, seconds }) => bytes / seconds),
      p50Us: over(({ p50Us }) => p50Us),
      p99Us: over(({ p99Us }) => p99Us),
      cpuUs: spreadOfKnown(group.map(cpuUsPerRequest)),
      ratio: spreadOfKnown(group.map((sample) => ratioTo(limits.get(roundName(sample)), sample))),
    };
  });
}

/** What a proxy adds to the median latency of a request, in microseconds. */
export interface AddedLatency {
  readonly protocol: string;
  readonly variant: string;
  readonly size: string;
  readonly addedP50Us: Spread;
}

/** The median latencies at one connection, each less that without a proxy in the same round. */
export function compareLatencies(samples: readonly Sample[]): AddedLatency[] {
  const single = samples.filter(({ connections }) => connections === 1);
  const direct = new Map(
    single.filter(({ variant }) => variant === DIRECT).map((sample) => [roundName(sample), sample.p50Us]),
  );
  const groups = Map.groupBy(
    single.filter(({ variant }) => variant !== DIRECT),
    (sample) => `${cellName(sample)} ${sample.variant}`,
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    const addedP50Us = spreadOfKnown(
      group.map((sample) => less(sample.p50Us, direct.get(roundName(sample)))),
    );
    if (first === undefined || addedP50Us === undefined) return [];
    const { protocol, variant, size } = first;
    return [{ protocol, variant, size, addedP50Us }];
  });
}

function less(value: number, base: number | undefined): number | undefined {
  return base === undefined ? undefined : value - base;
}

export function cpuUsPerRequest({ cpuSeconds, requests }: Sample): number | undefined {
  return cpuSeconds === undefined ? undefined : (cpuSeconds / requests) * 1e6;
}

function ratioTo(limit: Sample | undefined, sample: Sample): number | undefined {
  const [own, base] = [cpuUsPerRequest(sample), limit && cpuUsPerRequest(limit)];
  return own === undefined || base === undefined || base === 0 ? undefined : own / base;
}

function spreadOfKnown(values: readonly (number | undefined)[]): Spread | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : spread(known);
}

function cellName({ protocol, size, connections }: Sample): string {
  return `${protocol} ${size} ${connections}`;
}

function roundName(sample: Sample): string {
  return `${cellName(sample)} ${sample.round}`;
}

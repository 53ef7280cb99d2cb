import { compareLatencies, type Latency } from './compare-latencies.ts';
import { fitLine, type Line, pickTroughs, type Sample } from './fit-line.ts';
import { SHARES } from './plan-request.ts';
import type { Holding } from './process-sampler.ts';
import type { LoadResult } from './soak-load.ts';
import type { HeldMemory } from './start-daemon.ts';
import { CREDENTIAL_LIFE_MS, type UpstreamCounts } from './upstream-messages.ts';

/** Everything that was seen of a soak. */
export interface SoakRecord {
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly workers: number;
  /** How late the load itself was at its 99th percentile: what is told of times is no better than that. */
  readonly latenessMs: number;
  readonly load: LoadResult;
  readonly upstream: UpstreamCounts;
  readonly residentBytes: readonly Sample[];
  readonly sockets: readonly Sample[];
  /** By process. */
  readonly held: ReadonlyMap<number, HeldMemory>;
  readonly before: Holding;
  /** When nothing was under way any more. */
  readonly after: Holding;
  readonly exitCode: number | string;
  readonly standardError: string;
  /** Of the daemon's log, by message and failure. */
  readonly logErrors: ReadonlyMap<string, number>;
  readonly log: LogCounts;
}

export interface LogCounts {
  requests: number;
  retried: number;
  hedges: number;
  resumes: number;
  /** Why there was more than one attempt, and how often. */
  readonly causes: Map<string, number>;
}

export interface SoakVerdict {
  readonly violations: readonly string[];
  readonly resident: Line;
  readonly sockets: Line;
  readonly heaps: readonly Line[];
  readonly externals: readonly Line[];
  readonly latencies: readonly Latency[];
}

type Rule = readonly [isBroken: boolean, sentence: string];

const MIB = 2 ** 20;
/** Of what is drawn by chance, so much of its share must have been there, or the soak shows nothing. */
const LEAST_OF_SHARE = 0.6;
/**
 * What the lines may rise after the warm-up, however long the soak: they follow what is under way, which changes by chance
 * and with what else the machine does. Of what each request leaves behind, a minute shows about 1 KiB in V8's heap, and
 * ten minutes a tenth of that.
 */
export const MOST_RISE = {
  residentBytes: 40 * MIB,
  heapBytes: 2 * MIB,
  externalBytes: 8 * MIB,
  sockets: 50,
} as const;
const TROUGH_SECONDS = 5;

type Lines = Omit<SoakVerdict, 'violations' | 'latencies'>;

/** Holds what was seen against what must be. */
export function judge(record: SoakRecord): SoakVerdict {
  const warm = (samples: readonly Sample[]): Sample[] =>
    samples.filter(({ atSeconds }) => atSeconds >= record.warmUpSeconds);
  const lines: Lines = {
    resident: fitLine(warm(record.residentBytes)),
    sockets: fitLine(pickTroughs(warm(record.sockets), TROUGH_SECONDS)),
    heaps: [...record.held.values()].map(({ heap }) => fitLine(warm(heap))),
    externals: [...record.held.values()].map(({ external }) => fitLine(warm(external))),
  };
  const rules = [
    ...ruleOnRequests(record),
    ...ruleOnDisturbances(record),
    ...ruleOnGrowth(record, lines),
    ...ruleOnEnd(record),
  ];
  const violations = rules.filter(([isBroken]) => isBroken).map(([, sentence]) => sentence);
  return { violations, ...lines, latencies: compareLatencies(record.load) };
}

function ruleOnRequests({ load, logErrors }: SoakRecord): Rule[] {
  return [
    [load.wrongBytes > 0, `${load.wrongBytes} responses with wrong bytes`],
    ...[...load.mistakes].map(([mistake, times]): Rule => [true, `${times} × ${mistake}`]),
    ...[...logErrors].map(([line, times]): Rule => [true, `logged ${times} ×: ${line}`]),
  ];
}

/** A soak without these would prove nothing. */
function ruleOnDisturbances({ seconds, load, upstream, log }: SoakRecord): Rule[] {
  const isRare = (count: number, share: number): boolean => count < load.requests * share * LEAST_OF_SHARE;
  // The first keys are in use from the start, the last ones may come too late.
  const rotations = Math.floor((seconds * 1000) / (CREDENTIAL_LIFE_MS * 0.75)) - 1;
  return [
    [load.requests < seconds, `${load.requests} requests only`],
    [isRare(load.leavers, SHARES.leaves), `${load.leavers} clients left`],
    [isRare(load.stalled, SHARES.stalls), `${load.stalled} clients stalled`],
    [isRare(load.faulted, SHARES.faults), `${load.faulted} requests met a fault`],
    [upstream.faults < load.faulted * LEAST_OF_SHARE, `S3 played ${upstream.faults} faults`],
    [log.resumes === 0 || log.causes.size < 3, 'nothing had to be made good'],
    [upstream.rotations < rotations, `the credentials rotated ${upstream.rotations} times`],
  ];
}

function ruleOnGrowth({ held, after }: SoakRecord, { resident, sockets, heaps, externals }: Lines): Rule[] {
  const rising = (what: string, lines: readonly Line[], most: number): Rule[] =>
    lines.map(({ rise }) => [rise > most, `${what} rises by ${toMib(rise)} MiB`]);
  return [
    [held.size < after.processes, `${held.size} of ${after.processes} processes told of their memory`],
    ...rising('resident memory', [resident], MOST_RISE.residentBytes * after.processes),
    ...rising('what V8 cannot collect', heaps, MOST_RISE.heapBytes),
    ...rising('what is held outside of V8', externals, MOST_RISE.externalBytes),
    [sockets.rise > MOST_RISE.sockets, `the number of sockets rises by ${Math.round(sockets.rise)}`],
  ];
}

function ruleOnEnd({ before, after, exitCode, standardError }: SoakRecord): Rule[] {
  const left = after.sockets - before.sockets;
  return [
    [left > 0, `${left} sockets were left when all had ended`],
    [exitCode !== 0, `the daemon ended with ${exitCode}`],
    [standardError !== '', `the daemon complained: ${standardError.slice(0, 500)}`],
  ];
}

export function toMib(bytes: number): number {
  return Math.round((bytes / MIB) * 10) / 10;
}

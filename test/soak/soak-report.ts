import type { Line } from './fit-line.ts';
import type { SoakRecord, SoakVerdict } from './soak-verdict.ts';
import { toMib } from './soak-verdict.ts';

/** Every fifth second's sample is printed. */
const SERIES_STEP = 10;

/** What people read. */
export function formatReport(record: SoakRecord, verdict: SoakVerdict): string {
  const { load, log, upstream, before, after } = record;
  const { resident, sockets, heaps, externals } = verdict;
  const rows: readonly (readonly [string, string])[] = [
    [
      'length',
      `${Math.round(record.seconds)} s, ${Math.round(record.warmUpSeconds)} s of it to warm up; ${record.workers} worker(s)`,
    ],
    ['requests', `${load.requests}, ${toMib(load.bytes)} MiB; wrong bytes: ${load.wrongBytes}`],
    ['clients', `${load.leavers} left, ${load.stalled} stalled and read on`],
    ['faults', `${load.faulted} requests met them, ${upstream.faults} at S3`],
    [
      'made good',
      `${log.retried} requests with more than one attempt, ${log.hedges} hedges, ${log.resumes} resumes`,
    ],
    ['causes', [...log.causes].map(([cause, times]) => `${times} ${cause}`).join(', ')],
    [
      'credentials',
      `${upstream.rotations} rotations, ${upstream.refused} of ${upstream.requests} signatures refused`,
    ],
    ['resident', describeBytes(resident)],
    ...heaps.map((line) => ['heap', describeBytes(line)] as const),
    ...externals.map((line) => ['outside of it', describeBytes(line)] as const),
    [
      'sockets',
      `${sockets.middle}, rises by ${sockets.rise.toFixed(1)}; ${before.sockets} before, ${after.sockets} after`,
    ],
    ['load', `was itself up to ${Math.round(record.latenessMs)} ms late (p99)`],
    ...verdict.latencies.map(
      ({ kind, count, p50, p99, addedP50, addedP99 }) =>
        [
          `${kind} in ms`,
          `p50 ${p50.toFixed(1)} (added ${addedP50.toFixed(1)}), p99 ${p99.toFixed(1)} (added ${addedP99.toFixed(1)}), of ${count}`,
        ] as const,
    ),
    ...verdict.violations.map((sentence) => ['VIOLATION', sentence] as const),
  ];
  return rows.map(([name, text]) => `${name.padEnd(16)}${text}`).join('\n');
}

function describeBytes({ middle, rise }: Line): string {
  return `${toMib(middle)} MiB, rises by ${toMib(rise)} MiB`;
}

/** The same as one line for programs. */
export function formatJson(record: SoakRecord, verdict: SoakVerdict): string {
  const { seconds, warmUpSeconds, workers, load, log, upstream, before, after, residentBytes } = record;
  const { requests, bytes, leavers, stalled, faulted, wrongBytes } = load;
  return JSON.stringify({
    ...{ seconds, warmUpSeconds, workers, requests, bytes, leavers, stalled, faulted, wrongBytes },
    ...{
      log: { ...log, causes: Object.fromEntries(log.causes) },
      upstream,
      before,
      after,
      ...verdict,
      isGood: verdict.violations.length === 0,
      residentMib: residentBytes.filter((_, at) => at % SERIES_STEP === 0).map(({ value }) => toMib(value)),
    },
  });
}

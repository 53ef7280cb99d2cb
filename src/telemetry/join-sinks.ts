import type { ReportSink } from './request-report.ts';

/** One sink that hands each report on to all; a single one is itself. */
export function joinSinks(sinks: readonly [ReportSink, ...ReportSink[]]): ReportSink {
  const [first, ...others] = sinks;
  if (others.length === 0) return first;
  return {
    write: (report, totalMs) => {
      for (const sink of sinks) sink.write(report, totalMs);
    },
  };
}

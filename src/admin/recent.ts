import type { TelemetrySnapshot } from '../telemetry/telemetry-snapshot.ts';
import { type Counts, NO_COUNTS, subtractCounts } from './counts.ts';
import type { Sample } from './sample.ts';

/** What happened between two samples. */
export interface Recent {
  readonly seconds: number;
  readonly all: Counts;
  readonly routes: ReadonlyMap<string, Counts>;
  readonly brokenRequests: number;
  /** By process: the share of one CPU; 1 is all of it. */
  readonly cpuShares: ReadonlyMap<number, number>;
}

/** Everything that the verdict is made of. */
export interface Evidence {
  readonly snapshot: TelemetrySnapshot;
  readonly sample: Sample;
  readonly recent: Recent;
  /** Medians of what was measured before that; undefined where nothing was. */
  readonly usual: {
    readonly requestsPerSecond: number | undefined;
    readonly firstByteP95Ms: number | undefined;
  };
}

export function findRecent(now: Sample, before: Sample): Recent {
  const seconds = (now.atMs - before.atMs) / 1000;
  const cpuShares = [...now.cpuSeconds].map(([pid, cpu]): [number, number] => {
    // A process that came in between has used all its CPU since.
    const used = cpu - (before.cpuSeconds.get(pid) ?? 0);
    return [pid, seconds > 0 ? Math.max(0, used / seconds) : 0];
  });
  return {
    seconds,
    all: subtractCounts(now.all, before.all),
    routes: new Map(
      [...now.routes].map(([path, counts]) => [
        path,
        subtractCounts(counts, before.routes.get(path) ?? NO_COUNTS),
      ]),
    ),
    brokenRequests: Math.max(0, now.gauges.brokenRequests - before.gauges.brokenRequests),
    cpuShares: new Map(cpuShares),
  };
}

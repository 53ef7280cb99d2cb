import type { CredentialStatus } from '../credentials/credential-manager.ts';
import { mergeFailures } from './failure-ring.ts';
import { mergeFamilies } from './merge-families.ts';
import type { MetricFamily } from './metric-family.ts';
import { createOwnerFamilies, type OwnerState } from './owner-metrics.ts';
import type { RouteTimings } from './route-counts.ts';
import type { ReportScope, ServingReport } from './serving-telemetry.ts';
import type { FailureRecord, TelemetrySnapshot } from './telemetry-snapshot.ts';

/** Where a snapshot comes from. */
export interface SnapshotParts {
  /** Asks the processes that serve. */
  readonly collect: (scope: ReportScope) => Promise<CollectedReports>;
  /** Told in the order of `groupCredentials`; read anew for each snapshot. */
  readonly credentials: readonly { status(): CredentialStatus }[];
  readonly clock: { readonly offsetMs: number; nowMs(): number };
  readonly readState: () => OwnerState;
}

/** What the processes of a daemon told. */
export interface CollectedReports {
  /** Of those that serve now. */
  readonly reports: readonly ServingReport[];
  /** Of those that have ended, and of what serves nothing. */
  readonly otherFamilies: readonly (readonly MetricFamily[])[];
  readonly otherFailures: readonly FailureRecord[];
  readonly otherTimings: readonly RouteTimings[];
}

/** Puts together what is known of the whole daemon; metrics text, page and statsd are made of nothing else. */
export async function takeSnapshot(
  { collect, credentials, clock, readState }: SnapshotParts,
  scope: ReportScope = 'all',
): Promise<{ readonly snapshot: TelemetrySnapshot; readonly timings: readonly RouteTimings[] }> {
  const { reports, otherFamilies, otherFailures, otherTimings } = await collect(scope);
  const state = readState();
  const statuses = credentials.map((manager) => manager.status());
  const { offsetMs: clockOffsetMs } = clock;
  const metrics = await mergeFamilies([
    ...reports.map(({ families }) => families),
    ...otherFamilies,
    createOwnerFamilies({ state, credentials: statuses, clockOffsetMs, nowMs: clock.nowMs() }),
  ]);
  const snapshot: TelemetrySnapshot = {
    takenAtMs: Date.now(),
    startedAtMs: Math.round(performance.timeOrigin),
    metrics,
    credentials: statuses,
    workers: reports.map(({ status }) => status),
    lastFailures: mergeFailures([...reports.map(({ failures }) => failures), otherFailures]),
    isListening: state.isListening,
    isDraining: state.isDraining,
    clockOffsetMs,
  };
  return { snapshot, timings: [...otherTimings, ...reports.flatMap(({ timings }) => timings)] };
}

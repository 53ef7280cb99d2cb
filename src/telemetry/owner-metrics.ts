import type { CredentialStatus } from '../credentials/credential-manager.ts';
import { createFamily, type MetricFamily, type Series } from './metric-family.ts';
import type { MetricName } from './metrics.ts';

/** What only the process that owns the credentials and the listeners knows. */
export interface OwnerState {
  readonly isListening: boolean;
  readonly isDraining: boolean;
  readonly workers: WorkerCounts;
  /** Undefined where there can be none. */
  readonly reloads?: ReloadCounts | undefined;
  /** Also of sources that a reload has closed; undefined where there can be none such. */
  readonly fetches?: readonly FetchCounts[] | undefined;
}

/** Fetches of credentials. */
export type FetchCounts = Pick<CredentialStatus, 'source' | 'refreshes' | 'failures'>;

/** Attempts to put another configuration in force. */
export interface ReloadCounts {
  readonly applied: number;
  /** The old one stayed. */
  readonly refused: number;
}

/** Processes that serve, by what they do. */
export interface WorkerCounts {
  readonly starting: number;
  readonly serving: number;
  readonly draining: number;
}

interface OwnerFacts {
  readonly state: OwnerState;
  readonly credentials: readonly CredentialStatus[];
  readonly clockOffsetMs: number;
  readonly nowMs: number;
}

export function createOwnerFamilies({
  state,
  credentials,
  clockOffsetMs,
  nowMs,
}: OwnerFacts): MetricFamily[] {
  const one = (value: number): Series[] => [{ labels: {}, value }];
  return [
    ...createCredentialFamilies(credentials, nowMs),
    ...createFetchFamilies(state.fetches ?? credentials),
    createFamily('s3_helper_clock_offset_seconds', one(clockOffsetMs / 1000)),
    createFamily(
      's3_helper_workers',
      Object.entries(state.workers).map(([name, value]) => ({
        labels: { state: name },
        value: Number(value),
      })),
    ),
    createFamily('s3_helper_draining', one(Number(state.isDraining))),
    createFamily(
      's3_helper_config_reloads_total',
      (['applied', 'refused'] as const).map((outcome) => ({
        labels: { outcome },
        value: state.reloads?.[outcome] ?? 0,
      })),
    ),
  ];
}

function createCredentialFamilies(statuses: readonly CredentialStatus[], nowMs: number): MetricFamily[] {
  const bySource = Map.groupBy(statuses, ({ source }) => source);
  const family = (
    name: MetricName,
    read: (ofSource: readonly CredentialStatus[]) => number | undefined,
  ): MetricFamily =>
    createFamily(
      name,
      [...bySource].flatMap(([source, ofSource]) => {
        const value = read(ofSource);
        return value === undefined ? [] : [{ labels: { source }, value }];
      }),
    );
  // Two roles can come from one source; of these the worst is told.
  return [
    family('s3_helper_credentials_expiry_seconds', (ofSource) => {
      const expiries = ofSource.map(({ expiresAtMs }) => expiresAtMs).filter((ms) => ms !== undefined);
      return expiries.length === 0 ? undefined : (Math.min(...expiries) - nowMs) / 1000;
    }),
    family('s3_helper_credentials_degraded', (ofSource) =>
      Number(ofSource.some(({ isDegraded }) => isDegraded)),
    ),
  ];
}

function createFetchFamilies(counts: readonly FetchCounts[]): MetricFamily[] {
  const bySource = [...Map.groupBy(counts, ({ source }) => source)];
  const family = (name: MetricName, read: (one: FetchCounts) => number): MetricFamily =>
    createFamily(
      name,
      bySource.map(([source, ofSource]) => ({ labels: { source }, value: sum(ofSource.map(read)) })),
    );
  return [
    family('s3_helper_credentials_refreshes_total', ({ refreshes }) => refreshes),
    family('s3_helper_credentials_failures_total', ({ failures }) => failures),
  ];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

import type { Config } from '../config/config.ts';
import { groupCredentials } from '../credentials/group-credentials.ts';
import type { FailureRecord } from '../telemetry/telemetry-snapshot.ts';
import { checkHealth, type Health } from './health-checks.ts';
import { describeCounts, describeRecent } from './describe-counts.ts';
import { NO_COUNTS } from './counts.ts';
import type { Opinion } from './opinion.ts';
import { findPercentilesMs } from './quantile.ts';
import type { Evidence } from './recent.ts';
import { findVerdict } from './verdict.ts';

/** Goes up when a field changes its meaning or goes away; fields may be added. */
export const STATUS_VERSION = 1;

/** What `/status.json` says; docs/telemetry.md has its fields. Holds no secret. */
export type StatusDocument = ReturnType<typeof createStatusDocument>;

export interface About {
  readonly version: string;
  readonly config: Config;
}

export function createStatusDocument(evidence: Evidence, { version, config }: About) {
  const { snapshot, sample, recent } = evidence;
  return {
    version: STATUS_VERSION,
    taken_at: toIso(snapshot.takenAtMs),
    daemon: {
      version,
      node: process.versions.node,
      listen: config.listen.map(describeAddress),
      started_at: toIso(snapshot.startedAtMs),
      is_listening: snapshot.isListening,
      is_draining: snapshot.isDraining,
      clock_offset_ms: snapshot.clockOffsetMs,
      signer_mismatches: sample.gauges.signerMismatches,
    },
    verdict: describeVerdict(evidence),
    health: checkHealth(snapshot) satisfies Health,
    now: {
      in_flight: sample.gauges.inFlight,
      queued: sample.gauges.queued,
      s3_connections_open: sample.gauges.connectionsOpen,
      s3_connections_busy: sample.gauges.connectionsBusy,
      s3_connections_waiting: sample.gauges.connectionsWaiting,
    },
    recent: describeRecent(recent),
    totals: { ...describeCounts(sample.all), broken_requests: sample.gauges.brokenRequests },
    credentials: describeCredentials(evidence, config),
    routes: describeRoutes(evidence, config),
    workers: snapshot.workers.map((worker) => ({
      pid: worker.pid,
      started_at: toIso(worker.startedAtMs),
      in_flight: worker.inFlight,
      requests: worker.requests,
      resident_bytes: worker.residentBytes,
      cpu_seconds: worker.cpuSeconds,
      cpu_share: recent.cpuShares.get(worker.pid) ?? 0,
    })),
    last_failures: snapshot.lastFailures.map(describeFailure),
  };
}

function describeVerdict(evidence: Evidence) {
  const { severity, party = null, headline, parties } = findVerdict(evidence);
  const describe = (opinion: Opinion) => ({ ...opinion, detail: opinion.detail ?? null });
  const { daemon, credentials, s3, clients } = parties;
  return {
    severity,
    party,
    headline,
    parties: {
      daemon: describe(daemon),
      credentials: describe(credentials),
      s3: describe(s3),
      clients: describe(clients),
    },
  };
}

function describeCredentials({ snapshot }: Evidence, config: Config) {
  const { indexOf } = groupCredentials(config);
  return snapshot.credentials.map((status, index) => ({
    source: status.source,
    key_id: status.keyId ?? null,
    expires_at: toIsoOrNull(status.expiresAtMs),
    // By S3's clock, which decides.
    expires_in_seconds:
      status.expiresAtMs === undefined
        ? null
        : (status.expiresAtMs - snapshot.takenAtMs - snapshot.clockOffsetMs) / 1000,
    is_degraded: status.isDegraded,
    refreshes: status.refreshes,
    failures: status.failures,
    last_refresh_at: toIsoOrNull(status.lastRefreshAtMs),
    last_error: status.lastError ?? null,
    routes: config.routes.filter((route) => indexOf(route) === index).map(({ path }) => path),
  }));
}

function describeRoutes({ sample, recent }: Evidence, config: Config) {
  return config.routes.map(({ path, s3 }) => {
    const counts = sample.routes.get(path) ?? NO_COUNTS;
    const lately = recent.routes.get(path) ?? NO_COUNTS;
    const perSecond = (count: number): number => (recent.seconds > 0 ? count / recent.seconds : 0);
    return {
      path,
      bucket: s3.bucket,
      region: s3.region,
      requests: counts.requests,
      bytes: counts.bytes,
      requests_per_second: perSecond(lately.requests),
      bytes_per_second: perSecond(lately.bytes),
      recent_requests: lately.requests,
      recent_ok: lately.outcomes['ok'] ?? 0,
      first_byte_p95_ms: findPercentilesMs(lately.firstByte).p95 ?? null,
    };
  });
}

function describeFailure(record: FailureRecord) {
  return {
    ended_at: toIso(record.endedAtMs),
    request_id: record.requestId,
    method: record.method ?? null,
    key: record.key ?? null,
    route: record.route ?? null,
    status: record.status,
    failure: record.failure ?? null,
    cause: record.cause ?? null,
    attempts: record.attempts,
    s3_status: record.s3Status ?? null,
    s3_error_code: record.s3ErrorCode ?? null,
    s3_request_id: record.s3RequestId ?? null,
    s3_host_id: record.s3HostId ?? null,
    total_ms: record.totalMs,
  };
}

function describeAddress(address: Config['listen'][number]): string {
  if (address.kind === 'unix') return `unix:${address.path}`;
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

function toIso(ms: number): string {
  return new Date(ms).toISOString();
}

function toIsoOrNull(ms: number | undefined): string | null {
  return ms === undefined ? null : toIso(ms);
}

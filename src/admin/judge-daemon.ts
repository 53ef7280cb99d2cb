import { error, ok, type Opinion, warning } from './opinion.ts';
import { countOf, formatDuration, partOf } from './phrases.ts';
import type { Evidence } from './recent.ts';

/** Of one CPU. */
const SCARCE_CPU_SHARE = 0.9;

/** Whether this daemon, or the machine it runs on, is the trouble. */
export function judgeDaemon(evidence: Evidence): Opinion {
  const { snapshot, sample } = evidence;
  const { inFlight, queued, signerMismatches } = sample.gauges;
  if (snapshot.isDraining) {
    return warning(`The daemon is stopping: ${countOf(inFlight, 'request')} still in flight.`);
  }
  if (!snapshot.isListening) return error('The daemon does not listen: no request can come.');
  if (snapshot.workers.length === 0) return error('No process serves: every connection is closed.');
  const strain = judgeRequests(evidence) ?? judgeCpu(evidence);
  if (strain !== undefined) return strain;
  if (snapshot.clockOffsetMs !== 0) {
    const offset = formatDuration(Math.abs(snapshot.clockOffsetMs));
    return warning(`This machine's clock is ${offset} off; requests are signed with S3's time.`);
  }
  if (signerMismatches > 0) {
    return warning("The fast signer disagrees with AWS's own, which signs in its place. Please report it.");
  }
  const up = formatDuration(snapshot.takenAtMs - snapshot.startedAtMs);
  const busiest = Math.round(Math.max(0, ...evidence.recent.cpuShares.values()) * 100);
  const processes = countOf(snapshot.workers.length, 'process', 'processes');
  return ok(
    `The daemon is up for ${up}; ${processes}, with ${busiest} % of a CPU at the most; ${queued} queued.`,
  );
}

function judgeRequests({ recent: { all } }: Evidence): Opinion | undefined {
  const overloaded = all.failures['overloaded'] ?? 0;
  if (overloaded > 0) {
    return error(
      `The daemon is over its limit: ${partOf(overloaded, all.requests)} were turned away with 503 (limits.max_requests).`,
    );
  }
  const internal = all.failures['internal'] ?? 0;
  return internal > 0
    ? error(`The daemon has a fault: ${partOf(internal, all.requests)} failed in it (see the log).`)
    : undefined;
}

function judgeCpu({ recent: { cpuShares } }: Evidence): Opinion | undefined {
  const scarce = [...cpuShares.values()].filter((share) => share > SCARCE_CPU_SHARE);
  if (scarce.length === 0) return undefined;
  const all = countOf(cpuShares.size, 'process', 'processes');
  return warning(`The daemon is short of CPU: ${scarce.length} of ${all} had no CPU to spare (workers).`);
}

import { FAILURES } from '../../failures.ts';
import type { RequestReport } from '../request-report.ts';
import type { Recorder, RunningAgent, Transaction } from './agent-api.ts';

/** What a finished request is to New Relic. */
export interface FinishedRequest {
  readonly report: RequestReport;
  readonly totalMs: number;
  /** Where its object is, if it has a route. */
  readonly s3Host: string | undefined;
}

/**
 * Tells New Relic of a request that is over: a web transaction with the route's name, S3 as an external service, a failure
 * by its name in the table. No key, query or header is among it.
 */
export function recordTransaction(api: RunningAgent, { report, totalMs, s3Host }: FinishedRequest): void {
  // What the agent would take for the path of the URL.
  api.startWebTransaction(report.route ?? 'none', () => {
    const transaction = api.agent.tracer.getTransaction();
    // Not connected, and given up.
    if (transaction === null) return;
    api.setTransactionName(nameTransaction(report));
    const startedAtMs = Math.round(Date.now() - totalMs);
    setTimes(transaction, totalMs, startedAtMs);
    // From the arrival of the request to S3's head; to its end, where no head came.
    if (report.attempts > 0 && s3Host !== undefined)
      addS3Segment(api, transaction, { s3Host, durationMs: report.firstByteMs ?? totalMs, startedAtMs });
    api.addCustomAttributes(pickAttributes(report));
    transaction.statusCode = report.status;
    const error = toError(report);
    if (error !== undefined) api.agent.errors.add(transaction, error);
    transaction.finalizeWeb({ statusCode: report.status, end: false });
    addMetrics(api, report);
  });
}

/** Bounded: a request without a route may have any method. */
function nameTransaction({ route, method }: RequestReport): string {
  return route === undefined ? 'no route' : `${method ?? ''} ${route}`;
}

function setTimes({ timer, trace, baseSegment }: Transaction, totalMs: number, startedAtMs: number): void {
  timer.start = startedAtMs;
  timer.durationInMillis = totalMs;
  trace.setDurationInMillis(totalMs, startedAtMs);
  baseSegment.setDurationInMillis(totalMs, startedAtMs);
}

function addS3Segment(
  { agent }: RunningAgent,
  transaction: Transaction,
  { s3Host, durationMs, startedAtMs }: { s3Host: string; durationMs: number; startedAtMs: number },
): void {
  const segment = agent.tracer.createSegment({
    name: `External/${s3Host}/S3`,
    recorder: recordExternal(s3Host),
    parent: transaction.baseSegment,
    transaction,
  });
  segment?.setDurationInMillis(durationMs, startedAtMs);
}

/** The metrics by which New Relic knows an external service (New Relic, "APM metrics: External"). */
function recordExternal(s3Host: string): Recorder {
  return (segment, scope, transaction) => {
    const durationMs = segment.getDurationInMillis();
    const exclusiveMs = segment.getExclusiveDurationInMillis(transaction.trace);
    const own = `External/${s3Host}/S3`;
    transaction.measure(own, scope, durationMs, exclusiveMs);
    for (const name of [own, `External/${s3Host}/all`, 'External/allWeb', 'External/all'])
      transaction.measure(name, null, durationMs, exclusiveMs);
  };
}

/** Under the names of the access log. Nothing that a client has written. */
function pickAttributes(report: RequestReport): Record<string, string | number> {
  const { requestId, route, bucket, bytes, firstByteMs, attempts, hedges, resumes, failure } = report;
  return {
    request_id: requestId,
    bytes,
    attempts,
    ...(route !== undefined && { route }),
    ...(bucket !== undefined && { bucket }),
    ...(firstByteMs !== undefined && { first_byte_ms: firstByteMs }),
    ...(hedges > 0 && { hedges }),
    ...(resumes > 0 && { resumes }),
    ...(failure !== undefined && { failure }),
  };
}

function addMetrics(api: RunningAgent, { bytes, attempts, hedges, resumes }: RequestReport): void {
  api.recordMetric('S3Helper/Bytes', bytes);
  if (attempts > 0) api.incrementMetric('S3Helper/Attempts', attempts);
  if (hedges > 0) api.incrementMetric('S3Helper/Hedges', hedges);
  if (resumes > 0) api.incrementMetric('S3Helper/Resumes', resumes);
}

/** A failure by its name; an answer of S3 by its status. Without a stack: it would be that of this file. */
function toError({ failure, status }: RequestReport): Error | undefined {
  if (failure === undefined && status < 400) return undefined;
  const [name, text] =
    failure === undefined
      ? [`s3_${status}`, `S3 answered with ${status}.`]
      : [failure, FAILURES[failure].text];
  return Object.assign(new Error(text), { name, stack: undefined });
}

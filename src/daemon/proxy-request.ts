import type { IncomingMessage, ServerResponse } from 'node:http';
import { ProxyFailure } from '../failures.ts';
import { type AdmissionRules, admit } from '../request/admit.ts';
import { type ObjectTarget, route, type RouteEntry } from '../request/route.ts';
import { cutResponse } from '../response/cut-response.ts';
import { sendFailure, sendS3Error } from '../response/send-error.ts';
import { sendNotModified, sendObject } from '../response/send-object.ts';
import { ClientWatch } from '../s3/client-watch.ts';
import { type ObjectAnswer, openObject } from '../s3/open-object.ts';
import type { Upstream } from '../s3/upstream.ts';
import { type ReportSink, type RequestReport, startReport } from '../telemetry/request-report.ts';
import type { InFlight, RequestsInFlight } from './requests-in-flight.ts';
import type { RequestSlots } from './request-slots.ts';

/** What a request needs beside itself; made once at start. */
export interface ProxyStages {
  readonly rules: AdmissionRules;
  /** Longest path first. */
  readonly routes: readonly RouteEntry<Upstream>[];
  readonly reports: ReportSink;
  readonly inFlight: RequestsInFlight;
  readonly slots: RequestSlots;
  /** How long a client may leave what it was sent unread. */
  readonly clientStallTimeoutMs: number;
}

/** A request on its way. */
class RequestInProgress implements InFlight {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly stages: ProxyStages;
  readonly report: RequestReport;
  readonly watch = new ClientWatch();
  place = -1;
  hasSlot = false;

  constructor(request: IncomingMessage, response: ServerResponse, stages: ProxyStages) {
    this.request = request;
    this.response = response;
    this.stages = stages;
    this.report = startReport(request.method);
  }

  cut(): void {
    endBadly(this, new ProxyFailure('drain_deadline'));
  }
}

/** Takes one request through all stages; never rejects, and always ends or destroys the response. */
export async function proxyRequest(
  request: IncomingMessage,
  response: ServerResponse,
  stages: ProxyStages,
): Promise<void> {
  const progress = new RequestInProgress(request, response, stages);
  stages.inFlight.add(progress);
  // Node tells of both ends, the good and the bad one, by `close`.
  response.on('close', () => end(progress));
  try {
    const admitted = admit(request, stages.rules);
    const target = route(admitted, stages.routes);
    noteTarget(progress.report, target);
    if (stages.slots.tryTake()) progress.hasSlot = true;
    else await waitForSlot(progress);
    const object = await openObject(target, progress.watch, progress.report);
    await sendAnswer(progress, target, object);
  } catch (error) {
    endBadly(progress, error);
  }
}

/** @returns what is still to be waited for */
function sendAnswer(
  { response, report, watch, stages }: RequestInProgress,
  target: ObjectTarget<Upstream>,
  { response: s3, error, promised }: ObjectAnswer,
): Promise<void> | undefined {
  const { statusCode } = s3.head;
  if (error !== undefined) {
    if (watch.isGone) throw new ProxyFailure('client_gone');
    if (statusCode < 400) throw new ProxyFailure(statusCode < 300 ? 's3_bad_response' : 's3_redirect');
    report.status = statusCode;
    report.bytes = sendS3Error(s3, response, { error, requestId: report.requestId });
  } else if (statusCode === 304) {
    report.status = statusCode;
    sendNotModified(s3, response);
  } else {
    report.status = statusCode;
    const stallTimeoutMs = stages.clientStallTimeoutMs;
    return sendObject(s3, response, { method: target.method, promised, count: report, stallTimeoutMs });
  }
  return undefined;
}

/** The slot is given back when the response has ended, whichever way. */
async function waitForSlot(progress: RequestInProgress): Promise<void> {
  const { response, watch, stages } = progress;
  await stages.slots.wait(watch);
  if (response.destroyed) stages.slots.release();
  else progress.hasSlot = true;
}

/** The only catch: before the head a status, after it a connection that is visibly cut (design rule 4). */
function endBadly({ request, response, report }: RequestInProgress, error: unknown): void {
  const failure = error instanceof ProxyFailure ? error : new ProxyFailure('internal', { cause: error });
  report.failure ??= failure.failure;
  report.cause ??= describeCause(failure.cause);
  if (response.headersSent || response.destroyed) {
    cutResponse(response);
    return;
  }
  report.status = failure.row.status;
  report.bytes = sendFailure(failure, response, { request, requestId: report.requestId });
}

/** When the response is out, or its connection is gone. */
function end(progress: RequestInProgress): void {
  const { response, report, watch, stages } = progress;
  stages.inFlight.remove(progress);
  if (progress.hasSlot) stages.slots.release();
  if (!response.writableFinished && report.failure === undefined) {
    report.failure = 'client_gone';
    if (!response.headersSent) report.status = 499;
  }
  watch.markGone();
  stages.reports.write(report, performance.now() - report.startedAtMs);
}

function noteTarget(report: RequestReport, target: ObjectTarget<Upstream>): void {
  report.key = target.encodedKey;
  report.route = target.entry.path;
  report.bucket = target.entry.bucket;
  report.range = target.range;
}

function describeCause(cause: unknown): string | undefined {
  if (!(cause instanceof Error)) return undefined;
  const { code } = cause as NodeJS.ErrnoException;
  return code === undefined ? cause.message : `${code}: ${cause.message}`;
}

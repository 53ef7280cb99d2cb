import type { ChildProcess } from 'node:child_process';
import { mergeFailures } from '../telemetry/failure-ring.ts';
import { isCumulative, type MetricFamily } from '../telemetry/metric-family.ts';
import { ProcessMetrics } from '../telemetry/process-metrics.ts';
import type { RouteTimings } from '../telemetry/route-counts.ts';
import type { ReportScope, ServingReport } from '../telemetry/serving-telemetry.ts';
import type { CollectedReports } from '../telemetry/take-snapshot.ts';
import type { FailureRecord } from '../telemetry/telemetry-snapshot.ts';
import { FormerCounts } from './former-counts.ts';
import type { ToWorker } from './messages.ts';

/** A worker that hangs must not keep the others from being seen. */
const ANSWER_DEADLINE_MS = 500;

/** What one worker told. */
interface Told {
  readonly report: ServingReport;
  /** The newest of each name: some reports hold only what must not be lost. */
  readonly families: ReadonlyMap<string, MetricFamily>;
}

/** Knows what every worker told last, and what those counted that have ended. */
export class WorkerReports {
  readonly #told = new Map<ChildProcess, Told | undefined>();
  /** Requests for reports that are under way: whose answer is missing. */
  readonly #asked = new Map<number, Set<ChildProcess>>();
  #onAnswer: (() => void)[] = [];
  #count = 0;
  readonly #former = new FormerCounts();
  #formerFailures: readonly FailureRecord[] = [];
  /** Of all reports, until somebody asks for them. */
  #timings: RouteTimings[] = [];
  readonly #ofSupervisor = new ProcessMetrics('supervisor');

  add(worker: ChildProcess): void {
    this.#told.set(worker, undefined);
    // Not its exit, which may come before its last report.
    worker.once('disconnect', () => this.#forget(worker));
  }

  /** @param id - of the request that it answers; undefined where nobody asked */
  take(
    worker: ChildProcess,
    { id, report }: { readonly id: number | undefined; readonly report: ServingReport },
  ): void {
    const before = this.#told.get(worker)?.families ?? new Map<string, MetricFamily>();
    const families = new Map([...before, ...report.families.map((family) => [family.name, family] as const)]);
    this.#told.set(worker, { report, families });
    this.#timings.push(...report.timings);
    if (id !== undefined) this.#noteAnswer(id, worker);
  }

  /** Asks every worker, and takes what a silent one told last. */
  async collect(scope: ReportScope): Promise<CollectedReports> {
    this.#count += 1;
    const id = this.#count;
    const missing = new Set(this.#told.keys());
    this.#asked.set(id, missing);
    const message: ToWorker = { type: 'report', id, scope };
    for (const worker of missing) if (worker.connected) worker.send(message, () => undefined);
    await this.#untilEmpty(missing);
    this.#asked.delete(id);
    const reports = [...this.#told].flatMap(([, told]) => (told === undefined ? [] : [toReport(told)]));
    const former = this.#former.families;
    const otherTimings = scope === 'all and timings' ? this.#timings.splice(0) : [];
    const otherFailures = this.#formerFailures;
    // The last wait: a worker that ends in it is in what was read above, once.
    const otherFamilies = [...former, await this.#ofSupervisor.toFamilies()];
    return { reports, otherFamilies, otherFailures, otherTimings };
  }

  #noteAnswer(id: number, worker: ChildProcess): void {
    this.#asked.get(id)?.delete(worker);
    for (const notify of this.#onAnswer) notify();
  }

  async #untilEmpty(missing: ReadonlySet<ChildProcess>): Promise<void> {
    if (missing.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => resolve(undefined), ANSWER_DEADLINE_MS);
    const notify = (): void => {
      if (missing.size === 0) resolve(undefined);
    };
    this.#onAnswer.push(notify);
    await promise;
    clearTimeout(timer);
    this.#onAnswer = this.#onAnswer.filter((one) => one !== notify);
  }

  /** What it counted stays in the sums; what it held is gone. */
  #forget(worker: ChildProcess): void {
    const told = this.#told.get(worker);
    this.#told.delete(worker);
    if (told !== undefined) {
      this.#former.add([...told.families.values()].filter(isCumulative));
      this.#formerFailures = mergeFailures([this.#formerFailures, told.report.failures]);
    }
    for (const id of this.#asked.keys()) this.#noteAnswer(id, worker);
  }
}

function toReport({ report, families }: Told): ServingReport {
  return { ...report, families: [...families.values()], timings: [] };
}

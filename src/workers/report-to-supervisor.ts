import type { ReportScope, ServingTelemetry } from '../telemetry/serving-telemetry.ts';
import type { ToSupervisor } from './messages.ts';

/** What a worker that dies has counted since is lost. */
const INTERVAL_MS = 1000;

type Report = Extract<ToSupervisor, { readonly type: 'report' }>;

/** Tells the supervisor what this worker counts: when asked, every second, and at the end. */
export class SupervisorReporter {
  readonly #telemetry: ServingTelemetry;
  readonly #send: (message: Report) => Promise<void>;
  readonly #timer: NodeJS.Timeout;

  /** @param send - resolves when the message is out, or cannot be */
  constructor(telemetry: ServingTelemetry, send: (message: Report) => Promise<void>) {
    this.#telemetry = telemetry;
    this.#send = send;
    this.#timer = setInterval(() => void this.#report(undefined, 'counts'), INTERVAL_MS);
  }

  answer({ id, scope }: { readonly id: number; readonly scope: ReportScope }): Promise<void> {
    return this.#report(id, scope);
  }

  /** Tells the last of it. */
  close(): Promise<void> {
    clearInterval(this.#timer);
    return this.#report(undefined, 'all and timings');
  }

  async #report(id: number | undefined, scope: ReportScope): Promise<void> {
    await this.#send({ type: 'report', id, report: await this.#telemetry.report(scope) });
  }
}

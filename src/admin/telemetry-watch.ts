import { withDeadline } from '../credentials/with-deadline.ts';
import type { TelemetrySnapshot } from '../telemetry/telemetry-snapshot.ts';
import { History, type Point } from './history.ts';
import { type Evidence, findRecent } from './recent.ts';
import { type Sample, takeSample } from './sample.ts';

/** Between two points of the plots. */
export const SAMPLE_INTERVAL_MS = 2000;
export const HISTORY_MS = 30 * 60_000;
/** What the verdict and the figures of the page are of. */
export const WINDOW_MS = 60_000;

const SNAPSHOT_DEADLINE_MS = 2000;

/** Looks at the telemetry at an interval, so that whoever opens the page sees what came before. */
export class TelemetryWatch {
  readonly #snapshot: () => Promise<TelemetrySnapshot>;
  readonly #history = new History({ spanMs: HISTORY_MS, windowMs: WINDOW_MS });
  #timer: NodeJS.Timeout | undefined;

  constructor(snapshot: () => Promise<TelemetrySnapshot>) {
    this.#snapshot = snapshot;
  }

  start(): void {
    const look = (): void => {
      // A snapshot that fails leaves a gap in the plots; whoever asks for one is told why.
      this.snapshot().then(
        (snapshot) => this.#history.add(takeSample(snapshot)),
        () => undefined,
      );
    };
    look();
    this.#timer = setInterval(look, SAMPLE_INTERVAL_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** @throws where the telemetry does not answer in time */
  snapshot(): Promise<TelemetrySnapshot> {
    return withDeadline(this.#snapshot(), SNAPSHOT_DEADLINE_MS);
  }

  /** The present, and what it is measured against. @throws where the telemetry does not answer in time */
  async gatherEvidence(): Promise<Evidence> {
    const snapshot = await this.snapshot();
    const sample: Sample = takeSample(snapshot);
    const before = this.#history.before(sample.atMs) ?? sample;
    return {
      snapshot,
      sample,
      recent: findRecent(sample, before),
      usual: {
        requestsPerSecond: this.#history.findUsual('requests_per_second', sample.atMs),
        firstByteP95Ms: this.#history.findUsual('first_byte_p95_ms', sample.atMs),
      },
    };
  }

  /** @param atSeconds - Unix time of the last point that is known already */
  pointsAfter(atSeconds: number): readonly Point[] {
    return this.#history.pointsAfter(atSeconds);
  }
}

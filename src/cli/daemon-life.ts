import type { OwnerState, ReloadCounts, WorkerCounts } from '../telemetry/owner-metrics.ts';

/** How far the daemon has come. */
export class DaemonLife {
  #isListening = false;
  #isDraining = false;

  noteListening(): void {
    this.#isListening = true;
  }

  noteDraining(): void {
    this.#isDraining = true;
  }

  /** @param workers - of a supervisor; a process that serves alone is the only one */
  describe(workers: WorkerCounts | undefined, reloads: ReloadCounts): OwnerState {
    return {
      isListening: this.#isListening,
      isDraining: this.#isDraining,
      reloads,
      workers: workers ?? {
        starting: Number(!this.#isListening),
        serving: Number(this.#isListening && !this.#isDraining),
        draining: Number(this.#isDraining),
      },
    };
  }
}

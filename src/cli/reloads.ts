/** How a reload ended. */
export interface ReloadOutcome {
  readonly isApplied: boolean;
  /** Why not: a sentence each; empty where it was applied. */
  readonly reasons: readonly string[];
  /** What to know although it was applied. */
  readonly warnings: readonly string[];
}

/** The reloads so far. */
export interface ReloadState {
  readonly begun: number;
  readonly applied: number;
  readonly refused: number;
}

export interface ReloadsParts {
  /** Reloads once; never rejects. */
  readonly reload: () => Promise<ReloadOutcome>;
  readonly onBegin: (state: ReloadState) => void;
  readonly onEnd: (state: ReloadState, outcome: ReloadOutcome) => void;
}

/** Reloads when asked, one at a time. Who asks during one gets another after it, as that may have read the file before. */
export class Reloads {
  readonly #parts: ReloadsParts;
  #isWanted = false;
  #isRunning = false;
  #isOpen = false;
  state: ReloadState = { begun: 0, applied: 0, refused: 0 };

  constructor(parts: ReloadsParts) {
    this.#parts = parts;
  }

  /** From now on; what was asked for before is done then. */
  open(): void {
    this.#isOpen = true;
    void this.#run();
  }

  /** For good. */
  close(): void {
    this.#isOpen = false;
  }

  request(): void {
    this.#isWanted = true;
    void this.#run();
  }

  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    const { reload, onBegin, onEnd } = this.#parts;
    while (this.#isWanted && this.#isOpen) {
      this.#isWanted = false;
      this.state = { ...this.state, begun: this.state.begun + 1 };
      onBegin(this.state);
      const outcome = await reload();
      const { applied, refused } = this.state;
      this.state = {
        ...this.state,
        applied: applied + Number(outcome.isApplied),
        refused: refused + Number(!outcome.isApplied),
      };
      onEnd(this.state, outcome);
    }
    this.#isRunning = false;
  }
}

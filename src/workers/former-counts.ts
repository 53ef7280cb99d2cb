import { mergeFamilies } from '../telemetry/merge-families.ts';
import type { MetricFamily } from '../telemetry/metric-family.ts';

/** So many are kept apart before they are summed. */
const MOST_APART = 8;

/** What workers counted that have ended. A sum of all that is counted must never be smaller than it was. */
export class FormerCounts {
  #apart: readonly (readonly MetricFamily[])[] = [];
  #isSumming = false;

  /** To be summed; complete at every moment. */
  get families(): readonly (readonly MetricFamily[])[] {
    return this.#apart;
  }

  add(families: readonly MetricFamily[]): void {
    this.#apart = [...this.#apart, families];
    if (this.#apart.length > MOST_APART && !this.#isSumming) void this.#sum();
  }

  async #sum(): Promise<void> {
    this.#isSumming = true;
    const summands = this.#apart;
    const sum = await mergeFamilies(summands);
    this.#apart = [sum, ...this.#apart.slice(summands.length)];
    this.#isSumming = false;
  }
}

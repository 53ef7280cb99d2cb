import type { DoctorSetup } from './doctor-setup.ts';
import type { Finding } from './finding.ts';

/**
 * One thing that doctor knows to look at. Each stands in a file of `checks/` that bears its name and exports it as
 * `check`; there is no other list of them.
 */
export interface DoctorCheck {
  /** That of its file. */
  readonly name: string;
  /** Where it stands among the others, which are looked at in this order. */
  readonly order: number;
  /** How long one look may take. */
  readonly deadlineMs: number;
  /** What to do where it took longer. */
  readonly whenLate: string;
  /** What there is to look at in this configuration; nothing where the check has no meaning. */
  readonly plan: (setup: DoctorSetup) => readonly Look[];
}

/** One look, and one line of the output. */
export interface Look {
  /** The address, endpoint or route; empty where there is only one thing of the kind. */
  readonly subject: string;
  /** What must be well, as far as it is looked at, for this look to have a meaning. */
  readonly needs?: readonly Need[];
  /** @param signal - aborted at the deadline; what was opened is closed then */
  readonly run: (signal: AbortSignal) => Promise<Finding>;
}

export interface Need {
  readonly check: string;
  readonly subject: string;
}

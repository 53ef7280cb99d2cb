/** Time, as the manager needs it; tests bring their own. */
export interface CredentialClock {
  /** Wall clock, Unix milliseconds; may jump. */
  nowMs(): number;
  /** Never jumps, but may stand still while the machine sleeps. */
  monotonicMs(): number;
  /** Calls once after that time; must not keep the process alive. @returns cancels */
  setTimer(callback: () => void, delayMs: number): () => void;
  /** 0 to 1. */
  chance(): number;
}

export const SYSTEM_CLOCK: CredentialClock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer: (callback, delayMs) => {
    const timer = setTimeout(callback, delayMs).unref();
    return () => clearTimeout(timer);
  },
  chance: () => Math.random(),
};

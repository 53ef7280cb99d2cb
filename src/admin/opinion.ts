/** `quiet` is for what nothing can be said of, as nothing happened. */
export type Severity = 'ok' | 'quiet' | 'warning' | 'error';

/** What is to be said of one who may be the trouble. */
export interface Opinion {
  readonly severity: Severity;
  /** One sentence, with figures. */
  readonly text: string;
  /** What lies behind it, or what to do. */
  readonly detail?: string;
}

export const ok = (text: string): Opinion => ({ severity: 'ok', text });
export const quiet = (text: string): Opinion => ({ severity: 'quiet', text });
export const warning = (text: string): Opinion => ({ severity: 'warning', text });
export const error = (text: string): Opinion => ({ severity: 'error', text });

/** From which share of requests on something is worth a word, and from which it is trouble. */
export interface Thresholds {
  readonly warning: number;
  readonly error: number;
}

/** One or two requests prove nothing, whatever their share. */
const LEAST_OF_ERROR = 3;

/** How bad it is that so many requests went wrong; undefined where it is not worth a word. */
export function weigh(bad: number, all: number, thresholds: Thresholds): 'warning' | 'error' | undefined {
  if (bad >= LEAST_OF_ERROR && bad >= all * thresholds.error) return 'error';
  return bad > 0 && bad >= all * thresholds.warning ? 'warning' : undefined;
}

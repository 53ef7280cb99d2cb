/** What one look at one thing has found. */
export interface Finding {
  /** `warn` serves, but should be looked at; `fail` does not serve; `skip` was not looked at. */
  readonly status: 'ok' | 'warn' | 'fail' | 'skip';
  /** What was seen, in one clause. */
  readonly says: string;
  /** What to do about it; there where something is not well. */
  readonly fix?: string;
  /** What was measured, by names in snake_case with their units, for machines. */
  readonly facts?: Facts;
}

export type Facts = Readonly<Record<string, string | number | boolean>>;

export function ok(says: string, facts: Facts = {}): Finding {
  return { status: 'ok', says, facts };
}

export function warn(says: string, fix: string, facts: Facts = {}): Finding {
  return { status: 'warn', says, fix, facts };
}

export function fail(says: string, fix: string, facts: Facts = {}): Finding {
  return { status: 'fail', says, fix, facts };
}

/** @param says - why nobody looked */
export function skip(says: string): Finding {
  return { status: 'skip', says };
}

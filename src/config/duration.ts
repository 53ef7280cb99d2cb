const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** The longest time Node's timers hold (31 bits of milliseconds, under 25 days); a longer one would fire at once. */
export const LONGEST_DURATION_MS = 2 ** 31 - 1;

/** Milliseconds of `500ms`, `1.5s` or `1m30s`, as Go's time.ParseDuration reads them; NaN for anything else. */
export function parseDurationMs(text: string): number {
  const [, sign, parts = ''] = /^([+-]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|ms|s|m|h))+)$/.exec(text) ?? [];
  if (sign === undefined) return Number.NaN;
  let totalMs = 0;
  for (const [, amount, unit = ''] of parts.matchAll(/([\d.]+)([a-zµ]+)/g)) {
    totalMs += Number(amount) * (UNIT_MS[unit] ?? Number.NaN);
  }
  return sign === '-' ? -totalMs : totalMs;
}

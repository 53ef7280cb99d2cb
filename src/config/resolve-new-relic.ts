import type { NewRelicSettings } from './config.ts';

interface ResolvedNewRelic {
  readonly newRelic: NewRelicSettings | undefined;
  /** What the operator should know. */
  readonly warnings: readonly string[];
}

/** New Relic takes data under a licence and a name; without one of them there is no New Relic. */
export function resolveNewRelic(license: string | undefined, name: string | undefined): ResolvedNewRelic {
  if (license !== undefined && name !== undefined) return { newRelic: { license, name }, warnings: [] };
  const warnings = license === undefined ? [] : ['newrelic.license: has no effect without newrelic.name'];
  return { newRelic: undefined, warnings };
}

import { isDeepStrictEqual } from 'node:util';
import type { Config } from './config.ts';

/** A configuration to reload. */
export interface ReloadableConfig {
  /** The new one, with the old values of what only a start reads. */
  readonly config: Config;
  /** Keys of those, where the new values are others. */
  readonly waiting: readonly string[];
}

/** What only a start reads, by the key that people know: processes, and connections to those who watch. */
const FIXED: readonly (readonly [key: string, read: (config: Config) => unknown])[] = [
  ['workers', ({ workers }) => workers],
  ['log.destination', ({ log }) => log.destination],
  ['log.ident', ({ log }) => log.ident],
  ['newrelic', ({ newRelic }) => newRelic],
  ['statsd', ({ statsd }) => statsd],
  ['admin.listen', ({ admin }) => admin.listen],
];

/** Puts a new configuration in place of the one in force, but for what cannot be changed without a restart. */
export function keepUntilRestart(inForce: Config, next: Config): ReloadableConfig {
  const { destination, ident } = inForce.log;
  const { workers, newRelic, statsd, admin } = inForce;
  return {
    config: Object.freeze({
      ...{ ...next, workers, newRelic, statsd, admin },
      log: Object.freeze({ ...next.log, destination, ident }),
    }),
    waiting: FIXED.filter(([, read]) => !isDeepStrictEqual(read(inForce), read(next))).map(([key]) => key),
  };
}

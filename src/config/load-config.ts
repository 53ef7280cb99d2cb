import type { Config } from './config.ts';
import { type ConfigSources, readConfig } from './read-config.ts';
import { resolveConfig } from './resolve-config.ts';

/**
 * The configuration from its sources; a later one of file, environment, flags wins.
 * @throws {ConfigError} with every mistake found.
 */
export function loadConfig(sources: ConfigSources): Config {
  return resolveConfig(readConfig(sources));
}

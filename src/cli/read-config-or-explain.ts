import type { Config } from '../config/config.ts';
import { ConfigError } from '../config/config-error.ts';
import { loadConfig } from '../config/load-config.ts';
import type { ConfigSources } from '../config/read-config.ts';

/** Loads the configuration, or prints every mistake to standard error and answers undefined. */
export function readConfigOrExplain(sources: ConfigSources): Config | undefined {
  try {
    return loadConfig(sources);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const mistake of error.mistakes) process.stderr.write(`s3-helper: ${mistake}\n`);
    return undefined;
  }
}

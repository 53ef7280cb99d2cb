import { ConfigError } from '../config/config-error.ts';
import type { ConfigSources } from '../config/read-config.ts';
import { type FindRegion, type FoundConfig, readConfigAndRegion } from './read-config-and-region.ts';

/** Loads the configuration, or prints every mistake to standard error and answers undefined. */
export async function readConfigOrExplain(
  sources: ConfigSources,
  findRegion: FindRegion,
): Promise<FoundConfig | undefined> {
  try {
    return await readConfigAndRegion(sources, findRegion);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const mistake of error.mistakes) process.stderr.write(`s3-helper: ${mistake}\n`);
    return undefined;
  }
}

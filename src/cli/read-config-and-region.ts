import type { Config } from '../config/config.ts';
import { needsRegion } from '../config/needs-region.ts';
import { type ConfigSources, readConfig } from '../config/read-config.ts';
import { resolveConfig } from '../config/resolve-config.ts';
import type { DiscoveredRegion } from '../credentials/discover-region.ts';

/** A configuration, and the region that had to be looked for. */
export interface FoundConfig {
  readonly config: Config;
  readonly discovered: DiscoveredRegion | undefined;
}

/** Looks for a region where nobody has written one. @param profile - of the shared files, if one is written */
export type FindRegion = (profile: string | undefined) => Promise<DiscoveredRegion | undefined>;

/** Loads the configuration, and looks for the region if that is missing. @throws {ConfigError} with every mistake */
export async function readConfigAndRegion(
  sources: ConfigSources,
  findRegion: FindRegion,
): Promise<FoundConfig> {
  const written = readConfig(sources);
  const profile = written.settings.get('credentials.profile')?.value;
  const discovered = needsRegion(written)
    ? await findRegion(typeof profile === 'string' ? profile : undefined)
    : undefined;
  const awsRegion = discovered && { value: discovered.region, origin: discovered.origin };
  return {
    config: resolveConfig(awsRegion === undefined ? written : { ...written, awsRegion }),
    discovered,
  };
}

import type { ConfigSources } from '../config/read-config.ts';
import { discoverRegion } from '../credentials/discover-region.ts';
import { EXIT_CONFIG } from './exit-codes.ts';
import { type FindRegion, readConfigOrExplain } from './read-config-or-explain.ts';

/** Stands in where only the machine that runs the daemon knows. */
const UNKNOWN_REGION = { region: 'us-east-1', origin: 'nowhere yet' };

/** Says whether the configuration would be accepted. @returns 0 or 78 */
export async function checkConfig(sources: ConfigSources): Promise<number> {
  // A check runs anywhere, so it asks no instance.
  const findRegion: FindRegion = async (profile) =>
    (await discoverRegion({ profile, asksInstance: false })) ?? UNKNOWN_REGION;
  const explained = await readConfigOrExplain(sources, findRegion);
  if (explained === undefined) return EXIT_CONFIG;
  for (const warning of explained.config.warnings) process.stdout.write(`warning: ${warning}\n`);
  if (explained.discovered === UNKNOWN_REGION) {
    process.stdout.write('note: no region is written; the instance metadata is asked for it at start\n');
  }
  process.stdout.write('the configuration is good\n');
  return 0;
}

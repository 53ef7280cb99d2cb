import { type ConfigSources, readConfig } from '../config/read-config.ts';
import { discoverRegion } from '../credentials/discover-region.ts';
import { EXIT_CONFIG } from './exit-codes.ts';
import type { FindRegion } from './read-config-and-region.ts';
import { readConfigOrExplain } from './read-config-or-explain.ts';

/** Stands in where only the machine that runs the daemon knows. */
const UNKNOWN_REGION = { region: 'us-east-1', origin: 'nowhere yet' };

/**
 * Says whether the configuration would be accepted.
 * @param prints - whether the effective configuration is printed too, as YAML in which all else is a comment
 * @returns 0 or 78
 */
export async function checkConfig(
  sources: ConfigSources,
  { prints }: { readonly prints: boolean },
): Promise<number> {
  // A check runs anywhere, so it asks no instance.
  const findRegion: FindRegion = async (profile) =>
    (await discoverRegion({ profile, asksInstance: false })) ?? UNKNOWN_REGION;
  const explained = await readConfigOrExplain(sources, findRegion);
  if (explained === undefined) return EXIT_CONFIG;
  const { config, discovered } = explained;
  const say = (sentence: string): boolean => process.stdout.write(`${prints ? '# ' : ''}${sentence}\n`);
  for (const warning of config.warnings) say(`warning: ${warning}`);
  if (prints) {
    // Loaded only here: a check that says yes or no needs none of it.
    const { formatConfig } = await import('./format-config.ts');
    const written = readConfig(sources);
    const isFound = discovered !== undefined && discovered !== UNKNOWN_REGION;
    const awsRegion = isFound ? { value: discovered.region, origin: discovered.origin } : written.awsRegion;
    process.stdout.write(formatConfig({ ...written, awsRegion }));
  }
  if (discovered === UNKNOWN_REGION)
    say('note: no region is written; the instance metadata is asked for it at start');
  say('the configuration is good');
  return 0;
}

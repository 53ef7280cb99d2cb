import type { ConfigSources } from '../config/read-config.ts';
import { readConfigOrExplain } from './read-config-or-explain.ts';
import { EXIT_CONFIG } from './exit-codes.ts';

/** Says whether the configuration would be accepted. @returns 0 or 78 */
export function checkConfig(sources: ConfigSources): number {
  const config = readConfigOrExplain(sources);
  if (config === undefined) return EXIT_CONFIG;
  for (const warning of config.warnings) process.stdout.write(`warning: ${warning}\n`);
  process.stdout.write('the configuration is good\n');
  return 0;
}

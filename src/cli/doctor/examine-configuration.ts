import type { Config } from '../../config/config.ts';
import { ConfigError } from '../../config/config-error.ts';
import type { ConfigSources } from '../../config/read-config.ts';
import { discoverRegion } from '../../credentials/discover-region.ts';
import { readConfigAndRegion } from '../read-config-and-region.ts';
import { fail, type Finding, ok, warn } from './finding.ts';

/** The check before all others, on which they build. */
export const CONFIGURATION = 'configuration';

export interface ExaminedConfiguration {
  /** Undefined after a mistake. */
  readonly config: Config | undefined;
  /** One for each mistake or warning, or one good one. */
  readonly findings: readonly Finding[];
}

/** Reads the configuration as the daemon would; a region that nobody has written is looked for. */
export async function examineConfiguration(sources: ConfigSources): Promise<ExaminedConfiguration> {
  try {
    const { config } = await readConfigAndRegion(sources, (profile) =>
      discoverRegion({ profile, asksInstance: true }),
    );
    return { config, findings: describeGood(config, sources.file) };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { config: undefined, findings: error.mistakes.map(explainMistake) };
  }
}

function describeGood({ warnings, routes }: Config, file: string): readonly Finding[] {
  const facts = { file, routes: routes.length };
  const count = routes.length === 1 ? '1 route' : `${routes.length} routes`;
  if (warnings.length === 0) return [ok(`good, with ${count}; s3-helper check prints it`, facts)];
  return warnings.map((warning) =>
    warn(warning, 'write what you mean by its own key (docs/configuration.md)', facts),
  );
}

/** A mistake is `what is wrong; what to write`. */
function explainMistake(mistake: string): Finding {
  const at = mistake.indexOf('; ');
  const isWithoutFix = at === -1 || mistake.endsWith('lists all');
  return isWithoutFix
    ? fail(mistake, 'correct the file, or name another one after --config; s3-helper --help lists every key')
    : fail(mistake.slice(0, at), mistake.slice(at + 2));
}

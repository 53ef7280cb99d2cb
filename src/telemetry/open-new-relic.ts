import type { Config } from '../config/config.ts';
import type { Logger } from './create-logger.ts';
import type { Environment } from './newrelic/agent-environment.ts';
import type { NewRelic } from './newrelic/start-new-relic.ts';

/**
 * New Relic for this process where it is configured; nothing of it is loaded otherwise.
 * @param environment - of this process
 */
export async function openNewRelic(
  config: Config,
  environment: Environment,
  logger: Logger,
): Promise<NewRelic | undefined> {
  const settings = config.newRelic;
  if (settings === undefined) return undefined;
  const { startNewRelic } = await import('./newrelic/start-new-relic.ts');
  return startNewRelic({ config, settings, environment, logger });
}

import { createRequire } from 'node:module';
import type { NewRelicSettings } from '../../config/config.ts';
import type { NewRelicApi, RunningAgent } from './agent-api.ts';
import { createAgentEnvironment, type Environment } from './agent-environment.ts';

const require = createRequire(import.meta.url);

/**
 * Loads and starts the agent, which is an optional dependency.
 * @param environment - of this process: the agent reads its settings there
 * @returns undefined where it is switched off by its own variables or could not start, which it then says on standard error
 * @throws the error of Node where it is not installed
 */
export function loadAgent(settings: NewRelicSettings, environment: Environment): RunningAgent | undefined {
  const variables = createAgentEnvironment(settings, environment);
  const before = Object.keys(variables).map((name) => [name, environment[name]] as const);
  Object.assign(environment, variables);
  try {
    const api = require('newrelic') as NewRelicApi;
    return isRunning(api) ? api : undefined;
  } finally {
    // Programs that this one starts, such as a credential process, need no licence key.
    for (const [name, value] of before) {
      if (value === undefined) Reflect.deleteProperty(environment, name);
      else environment[name] = value;
    }
  }
}

function isRunning(api: NewRelicApi): api is RunningAgent {
  return api.agent !== undefined;
}

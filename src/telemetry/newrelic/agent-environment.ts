import type { NewRelicSettings } from '../../config/config.ts';
import { FAILURES } from '../../failures.ts';

export type Environment = Record<string, string | undefined>;

/**
 * Instrumentation would start transactions of its own, named by URLs and with headers in them, and wrap what every request
 * runs through. Reports hold all that is wanted.
 */
const NOT_INSTRUMENTED = [
  'HTTP',
  'HTTPS',
  'HTTP2',
  'NET',
  'FS',
  'INSPECTOR',
  'TIMERS',
  'DOMAIN',
  'PINO',
  'UNDICI',
];

/** Nothing in the environment may change these: they keep keys, headers and tokens in. */
const FIXED: Readonly<Record<string, string>> = {
  NEW_RELIC_ALLOW_ALL_HEADERS: 'false',
  NEW_RELIC_SECURITY_ENABLED: 'false',
  NEW_RELIC_SECURITY_AGENT_ENABLED: 'false',
  ...Object.fromEntries(
    NOT_INSTRUMENTED.map((name) => [`NEW_RELIC_INSTRUMENTATION_${name}_ENABLED`, 'false']),
  ),
};

/** What the client is to answer for; New Relic counts it apart. */
const EXPECTED_FAILURES = Object.entries(FAILURES)
  .filter(([, { level }]) => level === 'info')
  .map(([name]) => name);

/** Where the environment says nothing else. */
const DEFAULTS: Readonly<Record<string, string>> = {
  NEW_RELIC_NO_CONFIG_FILE: 'true',
  NEW_RELIC_APPLICATION_LOGGING_ENABLED: 'false',
  NEW_RELIC_BROWSER_MONITOR_ENABLE: 'false',
  NEW_RELIC_CODE_LEVEL_METRICS_ENABLED: 'false',
  NEW_RELIC_DISTRIBUTED_TRACING_ENABLED: 'false',
  // A slow transaction is a long download, or a client that reads slowly.
  NEW_RELIC_TRACER_ENABLED: 'false',
  NEW_RELIC_ATTRIBUTES_EXCLUDE: 'request.headers.*,request.parameters.*,response.headers.*',
  // Answers, not errors: what is missing, deleted, or not as the client's condition or range has it.
  NEW_RELIC_ERROR_COLLECTOR_IGNORE_ERROR_CODES: '404,405,412,416',
  NEW_RELIC_ERROR_COLLECTOR_EXPECTED_ERRORS: EXPECTED_FAILURES.join(','),
};

/**
 * The variables by which the agent is told its settings: its documented way without a file. All that the operator has set
 * holds, but for what would let keys and headers out.
 */
export function createAgentEnvironment(
  { license, name }: NewRelicSettings,
  given: Environment,
): Record<string, string> {
  const open = Object.entries({ ...DEFAULTS, ...chooseLog(given) }).filter(([variable]) => !given[variable]);
  return {
    NEW_RELIC_LICENSE_KEY: license,
    NEW_RELIC_APP_NAME: name,
    ...Object.fromEntries(open),
    ...FIXED,
  };
}

/** The agent's own log would be a file in the working directory: it is off until somebody asks for it. */
function chooseLog({ NEW_RELIC_LOG, NEW_RELIC_LOG_ENABLED }: Environment): Record<string, string> {
  if (NEW_RELIC_LOG_ENABLED) return { NEW_RELIC_LOG: 'stderr' };
  return NEW_RELIC_LOG ? {} : { NEW_RELIC_LOG_ENABLED: 'false' };
}

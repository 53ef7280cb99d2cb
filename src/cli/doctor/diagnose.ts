import type { ConfigSources } from '../../config/read-config.ts';
import type { DoctorCheck } from './doctor-check.ts';
import { CONFIGURATION, examineConfiguration } from './examine-configuration.ts';
import { skip } from './finding.ts';
import { loadChecks } from './load-checks.ts';
import { type DoctorOptions, openSetup } from './open-setup.ts';
import { type Result, runChecks } from './run-checks.ts';

/** Looks at everything that this configuration depends on, one result a line. */
export async function* diagnose(
  sources: ConfigSources,
  options: DoctorOptions = {},
): AsyncGenerator<Result, void> {
  const startedAtMs = performance.now();
  const { config, findings } = await examineConfiguration(sources);
  const tookMs = Math.round(performance.now() - startedAtMs);
  const about = { check: CONFIGURATION, subject: sources.file };
  for (const finding of findings) yield { ...about, ...finding, tookMs };
  const checks = await loadChecks();
  if (config === undefined) {
    yield* checks.map(skipAll);
    return;
  }
  const setup = await openSetup(config, sources.environment, options);
  try {
    yield* runChecks(checks, setup);
  } finally {
    await setup.close();
  }
}

function skipAll({ name }: DoctorCheck): Result {
  return { check: name, subject: '', ...skip(`needs ${CONFIGURATION}`), tookMs: 0 };
}

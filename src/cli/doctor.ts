import type { ConfigSources } from '../config/read-config.ts';
import { diagnose } from './doctor/diagnose.ts';
import { findVerdict, formatDocument, formatResult, formatSummary } from './doctor/format-result.ts';
import type { DoctorOptions } from './doctor/open-setup.ts';
import type { Result } from './doctor/run-checks.ts';
import { readVersion } from './read-version.ts';

/** Looks at everything that the daemon depends on, and says what to mend. @returns 0, or 1 where something fails */
export async function runDoctor(
  sources: ConfigSources,
  { json, ...options }: DoctorOptions & { readonly json: boolean },
): Promise<number> {
  const results: Result[] = [];
  for await (const result of diagnose(sources, options)) {
    results.push(result);
    if (!json) process.stdout.write(`${formatResult(result, process.stdout)}\n`);
  }
  process.stdout.write(
    `${json ? formatDocument(results, readVersion()) : formatSummary(results, process.stdout)}\n`,
  );
  return findVerdict(results) === 'fail' ? 1 : 0;
}

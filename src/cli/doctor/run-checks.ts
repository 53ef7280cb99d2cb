import { ProxyFailure } from '../../failures.ts';
import type { DoctorCheck, Look } from './doctor-check.ts';
import type { DoctorSetup } from './doctor-setup.ts';
import { explainFailure } from './explain-failure.ts';
import { fail, type Finding, skip } from './finding.ts';

/** One line of the output. */
export interface Result extends Finding {
  readonly check: string;
  readonly subject: string;
  readonly tookMs: number;
}

/** Looks at everything, one check after the other and all subjects of a check at once. Never rejects. */
export async function* runChecks(
  checks: readonly DoctorCheck[],
  setup: DoctorSetup,
): AsyncGenerator<Result, void> {
  const unproved = new Set<string>();
  for (const check of checks) {
    const looks = check.plan(setup);
    const results = await Promise.all(looks.map((look) => runLook(check, look, unproved)));
    for (const result of results) {
      if (result.status === 'fail' || result.status === 'skip') unproved.add(name(result));
      yield setup.secrets.hideIn(result);
    }
  }
}

async function runLook(check: DoctorCheck, look: Look, unproved: ReadonlySet<string>): Promise<Result> {
  const { subject, needs = [] } = look;
  const missing = needs.find((need) => unproved.has(name(need)));
  const startedAtMs = performance.now();
  const finding =
    missing === undefined ? await lookInTime(check, look) : skip(`needs ${name(missing).trimEnd()}`);
  return { check: check.name, subject, ...finding, tookMs: Math.round(performance.now() - startedAtMs) };
}

async function lookInTime(check: DoctorCheck, look: Look): Promise<Finding> {
  const { deadlineMs, whenLate } = check;
  const late = Promise.withResolvers<Finding>();
  const deadline = new AbortController();
  const timer = setTimeout(() => {
    late.resolve(fail(`no answer within ${deadlineMs} ms`, whenLate));
    deadline.abort();
  }, deadlineMs);
  const looked = look.run(deadline.signal).catch(explainError);
  return Promise.race([late.promise, looked]).finally(() => clearTimeout(timer));
}

function explainError(error: unknown): Finding {
  if (error instanceof ProxyFailure) return explainFailure(error);
  const { code = 'error', message } = (error instanceof Error ? error : {}) as Partial<NodeJS.ErrnoException>;
  return fail(`could not be looked at: ${code} ${message ?? ''}`, 'report this line as a fault of s3-helper');
}

function name({ check, subject }: { readonly check: string; readonly subject: string }): string {
  return `${check} ${subject}`;
}

import { styleText } from 'node:util';
import type { Result } from './run-checks.ts';

const COLOURS = { ok: 'green', warn: 'yellow', fail: 'red', skip: 'gray' } as const;
const NAME_WIDTH = 16;

/** One line: how it is, what was looked at, what was seen, what to do. @param stream - coloured if it is a terminal */
export function formatResult(result: Result, stream: NodeJS.WriteStream): string {
  const { status, check, subject, says, fix } = result;
  const word = styleText(COLOURS[status], status.padEnd(4), { stream });
  const what = `${word}  ${check.padEnd(NAME_WIDTH)}  ${subject}${subject === '' ? '' : ': '}${says}`;
  return fix === undefined ? what : `${what}; ${styleText('bold', 'fix', { stream })}: ${fix}`;
}

/** The last line. */
export function formatSummary(results: readonly Result[], stream: NodeJS.WriteStream): string {
  const count = (status: Result['status']): number => results.filter((one) => one.status === status).length;
  const parts = [
    `${count('ok')} ok`,
    `${count('warn')} to look at`,
    `${count('fail')} failed`,
    `${count('skip')} skipped`,
  ];
  return styleText(COLOURS[findVerdict(results)], parts.join(', '), { stream });
}

/** The worst of all. */
export function findVerdict(results: readonly Result[]): 'ok' | 'warn' | 'fail' {
  const worst = (['fail', 'warn'] as const).find((status) => results.some((one) => one.status === status));
  return worst ?? 'ok';
}

/** Goes up when a field changes its meaning or goes away; fields may be added. */
const DOCUMENT_VERSION = 1;

/** All results as one document for machines. @param programVersion - of s3-helper */
export function formatDocument(results: readonly Result[], programVersion: string): string {
  const document = {
    version: DOCUMENT_VERSION,
    s3_helper: programVersion,
    node: process.versions.node,
    verdict: findVerdict(results),
    checks: results.map(({ check, subject, status, says, fix, facts, tookMs }) => ({
      ...{ check, subject, status, says },
      fix: fix ?? null,
      facts: facts ?? {},
      took_ms: tookMs,
    })),
  };
  return JSON.stringify(document, null, 2);
}

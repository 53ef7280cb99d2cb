import * as v from 'valibot';
import type { TextAnswer } from './ask-daemon.ts';

/** What `/readyz` says. */
export interface Readiness {
  readonly isReady: boolean;
  readonly status: 'pass' | 'warn' | 'fail';
  /** The sentences of the checks that are not well; empty where all are. */
  readonly reason: string;
}

const STATUS = v.picklist(['pass', 'warn', 'fail']);
const DOCUMENT = v.object({
  status: STATUS,
  error: v.optional(v.string()),
  checks: v.optional(v.array(v.object({ status: STATUS, text: v.string() })), []),
});

/** @returns undefined where that is no answer of s3-helper's */
export function readReadiness({ status, text }: TextAnswer): Readiness | undefined {
  const parsed = v.safeParse(DOCUMENT, parseJson(text));
  if (!parsed.success) return undefined;
  const { checks, error } = parsed.output;
  const sentences = checks.filter((check) => check.status !== 'pass').map((check) => check.text);
  return {
    isReady: status === 200,
    status: parsed.output.status,
    reason: [...sentences, ...(error === undefined ? [] : [error])].join(' '),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

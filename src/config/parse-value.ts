import { inspect } from 'node:util';
import * as v from 'valibot';
import type { WrittenValue } from './read-config.ts';
import { isUnset } from './read-yaml.ts';

/** A written value and the key it is for. */
export interface NamedValue extends WrittenValue {
  readonly name: string;
}

const LONGEST_QUOTE = 80;

/** The value that the schema makes of what was written, or undefined and a sentence that says what it takes. */
export function parseValue<T>(
  written: NamedValue,
  schema: v.GenericSchema<unknown, T>,
  mistakes: string[],
): T | undefined {
  const { name, value, origin } = written;
  const result = v.safeParse(schema, value, { abortEarly: true, abortPipeEarly: true });
  if (result.success) return result.output;
  const [{ message }] = result.issues;
  const what = isUnset(value) ? 'is missing' : `${quote(name, value)} is not accepted`;
  mistakes.push(`${name}: ${what} (${origin}); write ${message}`);
  return undefined;
}

function quote(name: string, value: unknown): string {
  if (/license|secret|token|password/.test(name)) return 'the value';
  const text = typeof value === 'string' ? JSON.stringify(value) : inspect(value, { breakLength: Infinity });
  // A URL may carry a password before its host.
  const safe = text.replaceAll(/\/\/[^/]*@/g, '//…@');
  return safe.length > LONGEST_QUOTE ? `${safe.slice(0, LONGEST_QUOTE)}…` : safe;
}

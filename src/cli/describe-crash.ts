import { hideSecrets } from '../credentials/hide-secrets.ts';

const MOST_CAUSES = 5;

/**
 * What is said of a mistake in this program: names, messages and where it was, for each error and its causes. Node itself
 * would print every property of an error, and one of the SDK or of a client may hold credentials or headers.
 */
export function describeCrash(thrown: unknown): string {
  const parts: string[] = [];
  let error = thrown;
  while (error !== undefined && parts.length < MOST_CAUSES) {
    parts.push(describe(error));
    error = error instanceof Error ? error.cause : undefined;
  }
  return `s3-helper: crashed: ${parts.join('\ncaused by ')}\n`;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return `thrown was no error but a value of type ${typeof error}`;
  const { name, message, stack = '' } = error;
  const { code } = error as NodeJS.ErrnoException;
  const frames = stack.slice(stack.indexOf(message) + message.length).match(/^ {4}at .*$/gm) ?? [];
  const about = typeof code === 'string' && code !== name ? `${name} (${code})` : name;
  return [`${about}: ${hideSecrets(message)}`, ...frames].join('\n');
}

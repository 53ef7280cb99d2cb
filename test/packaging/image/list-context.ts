import { readdirSync, readFileSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';

interface Rule {
  readonly pattern: string;
  readonly isKept: boolean;
}

/** The files that Docker would send as the build context: all that .dockerignore leaves, by their paths. */
export function listContext(directory: string): string[] {
  const rules = readRules(readFileSync(join(directory, '.dockerignore'), 'utf8'));
  return listBelow(directory, '', rules);
}

function listBelow(directory: string, folder: string, rules: readonly Rule[]): string[] {
  return readdirSync(join(directory, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (!entry.isDirectory()) return isSent(path, rules) ? [path] : [];
    // A rule may keep something of a folder that another leaves out.
    const isWorthALook =
      isSent(path, rules) || rules.some(({ pattern, isKept }) => isKept && pattern.startsWith(`${path}/`));
    return isWorthALook ? listBelow(directory, path, rules) : [];
  });
}

/** The last rule that names a path, or a folder that it is in, decides. */
function isSent(path: string, rules: readonly Rule[]): boolean {
  const rule = rules.findLast(({ pattern }) => matchesGlob(path, pattern) || path.startsWith(`${pattern}/`));
  return rule?.isKept ?? true;
}

function readRules(text: string): Rule[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) =>
      line.startsWith('!') ? { pattern: line.slice(1), isKept: true } : { pattern: line, isKept: false },
    );
}

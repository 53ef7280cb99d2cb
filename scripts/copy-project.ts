import { cpSync } from 'node:fs';
import { join, relative } from 'node:path';

export const PROJECT = join(import.meta.dirname, '..');

const NOT_COPIED = ['.git', 'node_modules', 'dist', 'coverage'];

/** Copies what somebody gets who clones the project, and nothing that was installed or built since. */
export function copyProject(to: string): void {
  cpSync(PROJECT, to, { recursive: true, filter: (path) => !NOT_COPIED.includes(relative(PROJECT, path)) });
}

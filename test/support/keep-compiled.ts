import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** A directory. */
    readonly compiled: string;
  }
}

/**
 * Before all tests: a place where Node keeps what it has compiled, for use-compiled.ts. The tests start the program some
 * hundreds of times, and to read its sources anew takes half of such a start.
 */
export default function keepCompiled(project: TestProject): () => void {
  const directory = mkdtempSync(join(tmpdir(), 's3-helper-compiled-'));
  project.provide('compiled', directory);
  return () => rmSync(directory, { recursive: true, force: true });
}

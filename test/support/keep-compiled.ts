import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Before all tests: a place where Node keeps what it has compiled. The tests start the program some hundreds of times, and
 * to read its sources anew takes half of such a start.
 */
export default function keepCompiled(): () => void {
  const directory = mkdtempSync(join(tmpdir(), 's3-helper-compiled-'));
  process.env['NODE_COMPILE_CACHE'] = directory;
  return () => rmSync(directory, { recursive: true, force: true });
}

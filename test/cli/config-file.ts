import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** The path of a file with this text, which is there until the test ends. */
export function writeConfigFile(text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 's3-helper-cli-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 's3-helper.yml');
  writeFileSync(file, text);
  return file;
}

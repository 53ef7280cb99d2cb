import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../src/config/config.ts';
import { ConfigError } from '../../src/config/config-error.ts';
import { loadConfig } from '../../src/config/load-config.ts';

export interface OtherSources {
  readonly environment?: Readonly<Record<string, string>>;
  /** Values by dotted key. */
  readonly flags?: Readonly<Record<string, string>>;
}

/** Enough for a configuration to be good. */
export const BUCKET_AND_REGION = 's3: {bucket: media, region: eu-west-1}\n';

/** What mistakes call the file. */
export const FILE = 'the-file.yml';

/** Loads a file with this text. @throws {ConfigError} in which the file is called FILE */
export function loadText(text: string, { environment = {}, flags = {} }: OtherSources = {}): Config {
  const directory = mkdtempSync(join(tmpdir(), 's3-helper-config-'));
  const file = join(directory, FILE);
  try {
    writeFileSync(file, text);
    return loadConfig({ file, fileIsOptional: false, environment, flags: new Map(Object.entries(flags)) });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(error.mistakes.map((mistake) => mistake.replaceAll(file, FILE)));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The mistakes in a file; none where it is good. */
export function findMistakes(text: string, others?: OtherSources): readonly string[] {
  try {
    loadText(text, others);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes;
    throw error;
  }
}

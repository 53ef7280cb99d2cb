import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** What one signature costs with one signer. */
export interface SigningCost {
  readonly signer: string;
  readonly medianUs: number;
  readonly leastUs: number;
  readonly mostUs: number;
}

const SCRIPT = join(import.meta.dirname, 'sign.ts');
const DEADLINE_MS = 120_000;

/** Runs `bench/sign.ts` on the given cores. @returns nothing where there is no such file */
export async function measureSigning(cores: string): Promise<SigningCost[]> {
  if (!existsSync(SCRIPT)) return [];
  const args = ['-c', cores, process.execPath, SCRIPT];
  const { stdout } = await promisify(execFile)('taskset', args, { timeout: DEADLINE_MS });
  return parseSigningTable(stdout);
}

/** Reads the lines of its table: name, median, least and most. */
export function parseSigningTable(output: string): SigningCost[] {
  return output.split('\n').flatMap((line) => {
    const [, signer = '', median, least, most] = line.split('│').map((part) => part.trim());
    const medianUs = Number(median);
    if (signer === '' || median === undefined || Number.isNaN(medianUs)) return [];
    return [{ signer, medianUs, leastUs: Number(least), mostUs: Number(most) }];
  });
}

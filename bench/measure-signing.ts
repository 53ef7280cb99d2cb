import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { withDeadline } from '../test/support/with-deadline.ts';
import { spawnPinned } from './pinned-process.ts';

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
  const script = spawnPinned([process.execPath, SCRIPT], { cores });
  let output = '';
  script.child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text));
  try {
    const code = await withDeadline(script.exited, 'the end of bench/sign.ts', DEADLINE_MS);
    if (code !== 0) throw new Error(`bench/sign.ts ended with ${code}:\n${script.errors()}`);
    return parseSigningTable(output);
  } finally {
    await script.stop();
  }
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

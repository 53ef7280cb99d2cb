import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const SECONDS = Number(process.env['SOAK_SECONDS'] ?? 60);
const PROGRAM = join(import.meta.dirname, '..', 'soak', 'soak.ts');
/** To start, and until idle connections are closed. */
const MARGIN_MS = 60_000;

test(
  `for ${SECONDS} seconds, whatever S3 and clients do, no byte is wrong, no request fails that could be saved, and nothing grows`,
  { timeout: SECONDS * 1000 + MARGIN_MS },
  async ({ onTestFinished }) => {
    const soak = spawn(process.execPath, [PROGRAM], {
      env: { ...process.env, SOAK_SECONDS: String(SECONDS) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    onTestFinished(() => void soak.kill());
    let output = '';
    soak.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    soak.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
    const [code] = (await once(soak, 'close')) as [number | null];
    console.log(output);
    expect(output).toContain(`length          ${SECONDS} s`);
    expect(output.split('\n').filter((line) => line.startsWith('VIOLATION'))).toEqual([]);
    expect(code).toBe(0);
  },
);

import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { classifyAttemptError } from '../../../src/s3/classify-attempt-error.ts';

const SOURCES = new URL('../../../src/s3/', import.meta.url);

/** The request that cannot be written is our own fault. */
const OURS = 'WIRE_BAD_REQUEST';

async function readCodes(): Promise<string[]> {
  const codes = new Set<string>();
  for (const folder of ['wire/', 'transport/']) {
    for (const name of await readdir(new URL(folder, SOURCES))) {
      const text = await readFile(new URL(`${folder}${name}`, SOURCES), 'utf8');
      for (const [code] of text.matchAll(/\bWIRE_[A-Z_]+\b/g)) codes.add(code);
    }
  }
  return [...codes].toSorted();
}

test('every code of the wire client has its place in the failures table', async () => {
  const codes = await readCodes();
  expect(codes.length).toBeGreaterThan(10);
  for (const code of codes) {
    const error = Object.assign(new Error(code), { code });
    expect(classifyAttemptError(error, true), code).toBe(
      code === 'WIRE_BODY_STALL' ? 'body_stall' : 'body_cut',
    );
    if (code === 'WIRE_BODY_STALL') continue;
    expect(classifyAttemptError(error, false) === 'internal', code).toBe(code === OURS);
  }
});

import { readdirSync } from 'node:fs';
import type { DoctorCheck } from './doctor-check.ts';

const FOLDER = new URL('./checks/', import.meta.url);

/** Every check of the folder, in order: a new one is a new file there, and no list has to be kept. */
export async function loadChecks(): Promise<readonly DoctorCheck[]> {
  const files = readdirSync(FOLDER).filter((name) => /^[a-z0-9-]+\.(?:ts|js)$/.test(name));
  const modules = await Promise.all(
    files.map(async (file) => (await import(new URL(file, FOLDER).href)) as { readonly check: DoctorCheck }),
  );
  return modules.map(({ check }) => check).sort((one, other) => one.order - other.order);
}

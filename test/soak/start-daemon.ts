import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { S3_CLIENT } from '../support/s3-client.ts';
import { type RunningProgram, startProgram } from '../support/start-program.ts';
import type { Sample } from './fit-line.ts';
import type { Upstream } from './start-upstream.ts';

export interface SoakedDaemon {
  readonly program: RunningProgram;
  /** What was left after each collection so far, by process. */
  readMemory(): ReadonlyMap<number, HeldMemory>;
  /** @returns the exit code, or the signal's name */
  stop(): Promise<number | string>;
}

/** Bytes that a process could not give up. */
export interface HeldMemory {
  /** In V8's heap. */
  readonly heap: readonly Sample[];
  /** Outside of it, for objects in it: buffers above all. */
  readonly external: readonly Sample[];
}

/** As `watch-memory.ts` writes it. */
interface MemoryLine {
  readonly pid: number;
  readonly atMs: number;
  readonly heapUsed: number;
  readonly external: number;
}

/** Starts the daemon that is soaked. @param leak - of `leak.ts`, to see it found */
export async function startDaemon(
  upstream: Upstream,
  { workers, leak }: { readonly workers: number; readonly leak: string | undefined },
): Promise<SoakedDaemon> {
  const directory = mkdtempSync(join(tmpdir(), 's3-helper-soak-'));
  const memoryFile = join(directory, 'memory');
  const imports = ['watch-memory.ts', ...(leak === undefined ? [] : ['leak.ts'])];
  const startedAtMs = Date.now();
  const program = await startProgram({
    yaml: [
      'listen: 127.0.0.1:0',
      `workers: ${workers}`,
      `s3: {bucket: ${upstream.bucket}, region: ${upstream.region}, endpoint: "${upstream.s3}", client: ${S3_CLIENT}}`,
      // So that a body that stalls is taken up again while somebody waits for it, and a machine that has other work too
      // is not taken for a silent S3.
      'timeouts: {body_stall: 1s, first_byte: 5s}',
    ].join('\n'),
    environment: {
      AWS_EC2_METADATA_SERVICE_ENDPOINT: upstream.imds,
      NODE_OPTIONS: ['--expose-gc', ...imports.map((name) => `--import=${toUrl(name)}`)].join(' '),
      SOAK_MEMORY_FILE: memoryFile,
      SOAK_LEAK: leak ?? '',
    },
  });
  return {
    program,
    readMemory: () => readMemory(readFileSync(memoryFile, 'utf8'), startedAtMs),
    stop: async () => {
      const code = await program.stop();
      rmSync(directory, { recursive: true, force: true });
      return code;
    },
  };
}

function toUrl(name: string): string {
  return pathToFileURL(join(import.meta.dirname, name)).href;
}

function readMemory(text: string, startedAtMs: number): Map<number, HeldMemory> {
  const lines = text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as MemoryLine);
  const byProcess = new Map<number, HeldMemory>();
  for (const pid of new Set(lines.map((line) => line.pid))) {
    const pick = (name: 'heapUsed' | 'external'): Sample[] =>
      lines
        .filter((line) => line.pid === pid)
        .map((line) => ({ atSeconds: (line.atMs - startedAtMs) / 1000, value: line[name] }));
    byProcess.set(pid, { heap: pick('heapUsed'), external: pick('external') });
  }
  return byProcess;
}

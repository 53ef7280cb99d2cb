import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FAKE_CREDENTIAL, type FakeS3, startFakeS3 } from '../servers/fake-s3.ts';
import { Connection } from '../support/connection.ts';
import { type RunningProgram, startProgram } from '../support/start-program.ts';

const MIB = 2 ** 20;
const READERS = 1000;
/** Fewer than the backlog of a listening socket holds. */
const READERS_AT_A_TIME = 50;
const PROBES = 15;
/** Another test may take the machine for some seconds; a daemon that is slow stays so. */
const PATIENCE_MS = 15_000;
const PROBE_BYTES = 32 * MIB;
/** Of the time that the same reader took before the others came. */
const MOST_SLOWDOWN = 2;
/**
 * S3 sends each stalled reader so much and then waits. Sockets of the kernel on both sides of the daemon would take some
 * 10 MiB each, more for a thousand than the kernel lets all its sockets have (tcp(7), tcp_mem). It is well over what
 * one reader's unix socket takes, so that the rest must be held back by the daemon, or be in its memory.
 */
const SENT_BYTES = 640 * 1024;
const MOST_GROWTH_BYTES = 150_000_000;

let directory: string;
let s3: FakeS3;
let program: RunningProgram;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 's3-helper-stalled-'));
  s3 = await startFakeS3();
  const location = `{bucket: ${s3.bucket}, region: ${s3.region}, endpoint: "${s3.endpoint}"}`;
  program = await startProgram({
    yaml: `listen: [127.0.0.1:0, "unix:${socketPath()}"]\ns3: ${location}\n`,
    environment: {
      AWS_ACCESS_KEY_ID: FAKE_CREDENTIAL.accessKeyId,
      AWS_SECRET_ACCESS_KEY: FAKE_CREDENTIAL.secretAccessKey,
      AWS_SESSION_TOKEN: FAKE_CREDENTIAL.sessionToken ?? '',
      AWS_EC2_METADATA_DISABLED: 'true',
      // The bound is the default client's; with undici a thousand of them take 193 MB.
      S3_HELPER_S3_CLIENT: 'wire',
    },
  });
});
afterEach(async () => {
  await program.stop();
  await s3.close();
  rmSync(directory, { recursive: true, force: true });
});

test(
  'A thousand readers that stop reading take little memory, and the next one is served as quickly as before.',
  { timeout: 60_000 },
  async () => {
    const pattern = Buffer.alloc(64 * 1024, 'the bytes of a film; ');
    const film = { size: 1024 * MIB, fill: (_: number, length: number) => pattern.subarray(0, length) };
    s3.put('film', film);
    s3.put('other-film', film);
    s3.inject({ kind: 'stall', at: SENT_BYTES }, { key: 'film', times: Infinity });

    // The first time everything is made that is made once.
    await readQuickest();
    const quickestBeforeMs = await readQuickest();
    const before = residentBytes();
    const readers = await openStalledReaders();
    const growth = residentBytes() - before;
    const quickestMs = await readUntilQuick(MOST_SLOWDOWN * quickestBeforeMs);
    console.log(
      `${READERS} stalled readers: ${Math.round(growth / MIB)} MiB; the next one's ${PROBE_BYTES / MIB} MiB in ` +
        `${Math.round(quickestMs)} ms, before in ${Math.round(quickestBeforeMs)} ms`,
    );

    expect(readers.filter(({ closedBy }) => closedBy !== undefined)).toEqual([]);
    expect(growth).toBeLessThan(MOST_GROWTH_BYTES);
    expect(quickestMs).toBeLessThan(MOST_SLOWDOWN * quickestBeforeMs);
    readers.forEach((reader) => reader.destroy());
    await s3.waitFor(() => s3.openConnections() <= 1, "the end of the readers' connections to S3");
    expect(program.logLines.filter(({ level }) => level === 'error')).toEqual([]);
  },
);

/** Answers when S3 has sent each of them what it sends. */
async function openStalledReaders(): Promise<Connection[]> {
  const readers: Connection[] = [];
  const stalled = (): number =>
    s3.seen.reduce((count, { key, state }) => count + (key === 'film' && state === 'stalled' ? 1 : 0), 0);
  while (readers.length < READERS) {
    for (let count = 0; count < READERS_AT_A_TIME; count += 1) {
      const reader = new Connection(socketPath());
      reader.socket.pause();
      readers.push(reader.get('/film'));
    }
    await s3.waitFor(() => s3.seen.some(({ key }) => key === 'film'), 'the first reader');
    await s3.waitFor(() => stalled() === readers.length, `${readers.length} readers at S3`, 20_000);
  }
  return readers;
}

/** What a part takes at its best: whatever else the machine does only adds to that. @returns milliseconds */
async function readQuickest(): Promise<number> {
  const timesMs: number[] = [];
  const connection = new Connection(program.port);
  connection.keepsBytes = false;
  for (let probe = 1; probe <= PROBES; probe += 1) {
    const startedAtMs = performance.now();
    connection.get('/other-film', `Range: bytes=0-${PROBE_BYTES - 1}`);
    await connection.until(() => connection.receivedBytes > probe * PROBE_BYTES, 'the part');
    timesMs.push(performance.now() - startedAtMs);
  }
  connection.destroy();
  return Math.min(...timesMs);
}

/** Tries again for a while where it takes longer than that. */
async function readUntilQuick(wantedMs: number): Promise<number> {
  const endsAtMs = performance.now() + PATIENCE_MS;
  let quickestMs = await readQuickest();
  while (quickestMs >= wantedMs && performance.now() < endsAtMs)
    quickestMs = Math.min(quickestMs, await readQuickest());
  return quickestMs;
}

function socketPath(): string {
  return join(directory, 'socket');
}

/** Memory that the program holds, as the kernel counts it (proc(5)). */
function residentBytes(): number {
  const status = readFileSync(`/proc/${program.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

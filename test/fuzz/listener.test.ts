import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { S3_CLIENT } from '../support/s3-client.ts';
import { FAKE_CREDENTIAL, type FakeS3, startFakeS3 } from '../servers/fake-s3.ts';
import type { SeenRequest } from '../servers/fake-s3-seen.ts';
import { type RunningProgram, startProgram } from '../support/start-program.ts';
import { waitUntil } from '../support/with-deadline.ts';
import { fuzzListener, HEAD_TIMEOUT_MS } from './fuzz-listener.ts';
import { Witness } from './witness.ts';

const INPUTS = Number(process.env['FUZZ_INPUTS'] ?? 3000);
const SEED = Number(process.env['FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const FIRST_CONNECTION = Number(process.env['FUZZ_CONNECTION'] ?? 0);
/** Of CI, with its 100 000 inputs, and some more. */
const TIMEOUT_MS = 20_000 + INPUTS * 5;
const PREFIX = 'all/of/it/';
const MIB = 2 ** 20;
/** In the second half of the inputs. Few inputs are over before the collector is in its stride; of 100 000, this is 1 KiB for each connection. */
const MOST_GROWTH_BYTES = 50 * MIB;

let s3: FakeS3;
let program: RunningProgram;

beforeEach(async () => {
  s3 = await startFakeS3();
  program = await startProgram({
    yaml: [
      'listen: 127.0.0.1:0',
      `s3: {bucket: ${s3.bucket}, region: ${s3.region}, endpoint: "${s3.endpoint}", prefix: ${PREFIX}, client: ${S3_CLIENT}}`,
      // A machine that is busy with other things is no silent S3.
      `timeouts: {client_header: ${HEAD_TIMEOUT_MS}ms, connect: 20s, first_byte: 20s, body_stall: 20s}`,
      // Nothing goes wrong at S3 here, so nothing may need to be hidden.
      'retries: {attempts: 1, resumes: 0}',
      'hedge: {enabled: false}',
    ].join('\n'),
    environment: {
      AWS_ACCESS_KEY_ID: FAKE_CREDENTIAL.accessKeyId,
      AWS_SECRET_ACCESS_KEY: FAKE_CREDENTIAL.secretAccessKey,
      AWS_SESSION_TOKEN: FAKE_CREDENTIAL.sessionToken ?? '',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
  });
});
afterEach(async () => {
  const code = await program.stop();
  await s3.close();
  // First of all what it says about its own end, which clients see as broken connections.
  expect([program.standardError(), code]).toEqual(['', 0]);
});

test(
  'Whatever comes to the listener, each client gets its own answers or an end, and S3 sees reads of objects only.',
  { timeout: TIMEOUT_MS },
  async () => {
    console.log(`FUZZ_SEED=${SEED} FUZZ_INPUTS=${INPUTS}`);
    const ownSockets = socketsOf(program.pid);
    const part = { s3, port: program.port, prefix: PREFIX };
    const witnesses = [1, 2].map((number) => new Witness({ ...part, base: 2 ** 34 - number * 2 ** 21 }));
    const plan = { ...part, seed: SEED, inputs: INPUTS / 2, check };
    const startedAtMs = performance.now();
    const first = await fuzzListener({ ...plan, firstConnection: FIRST_CONNECTION });
    // By now everything is there that is made once.
    const before = residentBytes();
    const second = await fuzzListener({ ...plan, firstConnection: FIRST_CONNECTION + first.connections });
    const growth = residentBytes() - before;
    const seconds = (performance.now() - startedAtMs) / 1000;
    await Promise.all(witnesses.map((witness) => witness.end()));
    const witnessMs = witnesses.map((witness) =>
      [0.5, 0.99, 1].map((share) => Math.round(witness.percentileMs(share))),
    );
    console.log(
      `${first.inputs + second.inputs} inputs on ${first.connections + second.connections} connections in ` +
        `${seconds.toFixed(1)} s, ${first.answers + second.answers} answers; memory ${(growth / MIB).toFixed(1)} MiB; ` +
        `witnesses' p50, p99 and most in ms: ${witnessMs.join('; ')}`,
    );

    await waitUntil(() => listenerSockets() === 0, "the end of the listener's sockets");
    await waitUntil(
      () => socketsOf(program.pid) <= ownSockets + s3.openConnections(),
      'the end of all other sockets',
    );
    expect(growth).toBeLessThan(MOST_GROWTH_BYTES);
    expect(Math.max(...witnessMs.flat())).toBeLessThan(2000);
  },
);

/** What S3 and the log have to say since the last time. */
function check(): void {
  for (const seen of s3.seen.splice(0)) checkSeen(seen);
  for (const line of program.logLines.splice(0)) {
    const isWrong =
      line['level'] === 'error' || line['failure'] === 'internal' || Number(line['status']) >= 500;
    if (isWrong) throw new Error(`the log says ${JSON.stringify(line)}`);
  }
}

const SENT_HEADERS =
  /^(?:host|authorization|x-amz-(?:date|content-sha256|security-token)|range|if-(?:none-)?match|if-(?:un)?modified-since)$/i;

function checkSeen({ method, target, rawHeaders, verdict }: SeenRequest): void {
  // undici says so itself.
  const own = S3_CLIENT === 'undici' ? 'connection' : undefined;
  const names = rawHeaders.filter((name, index) => index % 2 === 0 && name !== own);
  const [path = '', query] = target.split('?');
  const parameters = query?.split('&') ?? [];
  const isRead =
    verdict.ok &&
    (method === 'GET' || method === 'HEAD') &&
    path.startsWith(`/${s3.bucket}/${PREFIX}`) &&
    path.length > `/${s3.bucket}/${PREFIX}`.length &&
    !/\/(?:\.|%2e){1,2}(?:\/|$)/i.test(path) &&
    names.every((name) => SENT_HEADERS.test(name)) &&
    names.length === new Set(names.map((name) => name.toLowerCase())).size &&
    parameters.every((parameter) => /^(?:versionId|partNumber|response-[a-z-]+)=/.test(parameter));
  if (!isRead) throw new Error(`S3 saw ${JSON.stringify({ method, target, rawHeaders, verdict })}`);
}

/** Memory that the program holds, as the kernel counts it (proc(5)). */
function residentBytes(): number {
  const status = readFileSync(`/proc/${program.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

/** Connections of clients that the program holds: neither the one that listens nor such as wait out their end. */
function listenerSockets(): number {
  const LISTEN = '0A';
  const port = program.port.toString(16).toUpperCase().padStart(4, '0');
  const rows = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((row) => row.trim().split(/\s+/));
  return rows.filter(
    ([, local, , state, , , , , , inode]) => local?.endsWith(`:${port}`) && state !== LISTEN && inode !== '0',
  ).length;
}

function socketsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).filter((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith('socket:');
    } catch {
      return false;
    }
  }).length;
}

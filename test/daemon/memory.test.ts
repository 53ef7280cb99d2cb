import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FAKE_CREDENTIAL, type FakeS3, startFakeS3 } from '../servers/fake-s3.ts';
import { Connection } from '../support/connection.ts';
import { type RunningProgram, startProgram } from '../support/start-program.ts';
import { untilStill } from '../support/until-still.ts';

const MIB = 2 ** 20;

let s3: FakeS3;
let program: RunningProgram;

beforeEach(async () => {
  s3 = await startFakeS3();
  program = await startProgram({
    yaml: `listen: 127.0.0.1:0\ns3: {bucket: ${s3.bucket}, region: ${s3.region}, endpoint: "${s3.endpoint}"}\n`,
    environment: {
      AWS_ACCESS_KEY_ID: FAKE_CREDENTIAL.accessKeyId,
      AWS_SECRET_ACCESS_KEY: FAKE_CREDENTIAL.secretAccessKey,
      AWS_SESSION_TOKEN: FAKE_CREDENTIAL.sessionToken ?? '',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
  });
});
afterEach(async () => {
  await program.stop();
  await s3.close();
});

/** Memory that the program holds, as the kernel counts it (proc(5)). */
function residentBytes(): number {
  const status = readFileSync(`/proc/${program.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

async function download(target: string, bytes: number, onData: () => void = () => undefined): Promise<void> {
  const connection = new Connection(program.port).get(target, 'Connection: close');
  connection.keepsBytes = false;
  connection.socket.on('data', onData);
  await connection.until(() => connection.closedBy !== undefined, 'the end', 14_000);
  expect(connection.receivedBytes).toBeGreaterThan(bytes);
}

test('A download of 400 MiB takes no more memory than a few chunks.', async () => {
  s3.put('warm', { size: 20 * MIB });
  s3.put('big', { size: 400 * MIB, fill: (_offset: number, length: number) => Buffer.alloc(length) });
  await download('/warm', 20 * MIB);
  const before = residentBytes();
  let most = 0;
  await download('/big', 400 * MIB, () => {
    most = Math.max(most, residentBytes());
  });
  // Buffers that wait for the collector are in it.
  expect((most - before) / MIB).toBeLessThan(60);
});

test('Forty clients that stop reading take a few chunks each.', async () => {
  s3.put('warm', { size: 20 * MIB });
  s3.put('big', { size: 400 * MIB, fill: (_offset: number, length: number) => Buffer.alloc(length) });
  await download('/warm', 20 * MIB);
  const before = residentBytes();
  const clients = Array.from({ length: 40 }, () => {
    const connection = new Connection(program.port).get('/big');
    connection.socket.pause();
    return connection;
  });
  await untilStill(() => s3.seen.reduce((sum, { bodyBytesSent }) => sum + bodyBytesSent, 0), 500);
  expect(s3.seen.length).toBeGreaterThan(40);
  expect((residentBytes() - before) / 40 / MIB).toBeLessThan(2);
  clients.forEach((connection) => connection.destroy());
  await s3.waitFor(() => s3.openConnections() === 0, "the end of S3's connections");
});

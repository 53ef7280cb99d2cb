import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FAKE_CREDENTIAL, type FakeS3, startFakeS3 } from '../servers/fake-s3.ts';
import { Connection } from '../support/connection.ts';
import { findSecrets } from '../support/open-scene.ts';
import { sendRequest } from '../support/send-request.ts';
import { HELD_BYTES, startHeldDownload } from '../support/start-held-download.ts';
import { type RunningProgram, startProgram } from '../support/start-program.ts';
import { waitUntil, withDeadline } from '../support/with-deadline.ts';

let s3: FakeS3;
let program: RunningProgram | undefined;
const connections: Connection[] = [];

beforeEach(async () => {
  s3 = await startFakeS3();
});
afterEach(async () => {
  connections.splice(0).forEach((connection) => connection.destroy());
  program?.signal('SIGKILL');
  await program?.exited;
  await s3.close();
  // Its whole output, with the keys in its environment, has no secret.
  expect(findSecrets(JSON.stringify(program?.logLines) + (program?.standardError() ?? ''))).toEqual([]);
  program = undefined;
});

async function start(yaml = 'listen: 127.0.0.1:0\n'): Promise<RunningProgram> {
  program = await startProgram({
    yaml: `s3: {bucket: ${s3.bucket}, region: ${s3.region}, endpoint: "${s3.endpoint}"}\n${yaml}`,
    environment: {
      AWS_ACCESS_KEY_ID: FAKE_CREDENTIAL.accessKeyId,
      AWS_SECRET_ACCESS_KEY: FAKE_CREDENTIAL.secretAccessKey,
      AWS_SESSION_TOKEN: FAKE_CREDENTIAL.sessionToken ?? '',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
  });
  return program;
}

async function startDownload({ port }: RunningProgram): Promise<Connection> {
  const connection = new Connection(port);
  connections.push(connection);
  return startHeldDownload(s3, connection);
}

/** Waits for a line of the log. */
async function logged(running: RunningProgram, fields: Record<string, unknown>): Promise<void> {
  const entries = Object.entries(fields);
  await waitUntil(
    () => running.logLines.some((line) => entries.every(([name, value]) => line[name] === value)),
    `the line ${JSON.stringify(fields)}`,
  );
}

function endOf(running: RunningProgram): Promise<number | string> {
  return withDeadline(running.exited, 'the end of the program', 5_000);
}

describe.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('%s', (signal, secondCode) => {
  test('lets a download end, and then ends the program with 0.', async () => {
    const running = await start();
    const connection = await startDownload(running);
    running.signal(signal);
    await logged(running, { msg: 'draining' });
    await expect(sendRequest(running.port, '/big')).rejects.toThrow(/ECONNREFUSED/);
    s3.release();
    expect((await connection.readResponse()).body.length).toBe(HELD_BYTES);
    expect(await endOf(running)).toBe(0);
    await logged(running, { msg: 'request', status: 200, bytes: HELD_BYTES });
    await logged(running, { level: 'info', msg: 'stopped', responses_cut: 0 });
    expect(running.standardError()).toBe('');
  });

  test(`a second time ends it at once with ${secondCode}.`, async () => {
    const running = await start();
    const connection = await startDownload(running);
    running.signal(signal);
    await logged(running, { msg: 'draining' });
    running.signal(signal);
    expect(await endOf(running)).toBe(secondCode);
    await connection.untilClosed();
    expect(connection.receivedBytes).toBeLessThan(HELD_BYTES);
  });
});

test('With nothing to wait for it ends at once, kept connections or not.', async () => {
  const running = await start();
  s3.put('a', 'object');
  const connection = new Connection(running.port).get('/a');
  connections.push(connection);
  expect(await connection.readResponse()).toMatchObject({ status: 200 });
  const startedAt = performance.now();
  running.signal('SIGTERM');
  expect(await endOf(running)).toBe(0);
  expect(performance.now() - startedAt).toBeLessThan(2_000);
  expect(await connection.untilClosed()).toBe('fin');
});

test('At the deadline it cuts what is left, says how much, and ends with 0.', async () => {
  const running = await start('listen: 127.0.0.1:0\ntimeouts: {drain: 300ms}\n');
  const connection = await startDownload(running);
  running.signal('SIGTERM');
  expect(await endOf(running)).toBe(0);
  await connection.untilClosed();
  expect(connection.receivedBytes).toBeLessThan(HELD_BYTES);
  await logged(running, { msg: 'stopped', responses_cut: 1 });
  await logged(running, { msg: 'request', level: 'warn', failure: 'drain_deadline' });
});

test('A unix socket is gone after the end.', async () => {
  const directory = mkdtempSync(join(tmpdir(), 's3-helper-signals-'));
  const path = join(directory, 'proxy.sock');
  const running = await start(`listen: unix:${path}\n`);
  s3.put('a', 'object');
  expect(await sendRequest(path, '/a')).toMatchObject({ status: 200, text: 'object' });
  running.signal('SIGTERM');
  expect(await endOf(running)).toBe(0);
  expect(existsSync(path)).toBe(false);
  rmSync(directory, { recursive: true });
});

import { Agent } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createRotatingCredentials } from '../../src/demo/rotating-credentials.ts';
import { type FakeImds, startFakeImds } from '../servers/fake-imds.ts';
import { type FakeS3, startFakeS3 } from '../servers/fake-s3.ts';
import { findChildren } from '../soak/process-sampler.ts';
import { sendRequest } from '../support/send-request.ts';
import { type RunningProgram, startProgram } from '../support/start-program.ts';
import { waitUntil } from '../support/with-deadline.ts';

interface Scene {
  readonly s3: FakeS3;
  readonly imds: FakeImds;
  readonly program: RunningProgram;
  /** Puts other keys into use, at the source and at S3. */
  readonly rotate: () => void;
}

async function start(yaml = ''): Promise<Scene> {
  let keys = createRotatingCredentials({ lifetimeMs: 3_600_000, now: Date.now });
  const imds = await startFakeImds({
    roleName: 'media',
    region: 'eu-west-1',
    credentials: () => keys.current(),
  });
  const s3 = await startFakeS3({ credentials: [keys.current()] });
  s3.put('clip', 'the bytes of the clip');
  const program = await startProgram({
    yaml:
      `workers: 2\ns3: {bucket: ${s3.bucket}, region: ${s3.region}, endpoint: "${s3.endpoint}"}\n` +
      (yaml === '' ? 'listen: 127.0.0.1:0\n' : yaml),
    environment: { AWS_EC2_METADATA_SERVICE_ENDPOINT: imds.endpoint },
  });
  onTestFinished(async () => {
    await program.stop();
    await Promise.all([s3.close(), imds.close()]);
  });
  const rotate = (): void => {
    keys = createRotatingCredentials({ lifetimeMs: 3_600_000, now: Date.now });
    s3.credentials.splice(0, s3.credentials.length, keys.current());
  };
  return { s3, imds, program, rotate };
}

function requestsByPid(program: RunningProgram): Map<unknown, number> {
  const counts = new Map<unknown, number>();
  for (const { msg, pid } of program.logLines) {
    if (msg === 'request') counts.set(pid, (counts.get(pid) ?? 0) + 1);
  }
  return counts;
}

test('sixteen kept connections are dealt out evenly to two workers, and the credentials are fetched once for all', async () => {
  const { program, imds } = await start();
  const agents = Array.from({ length: 16 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
  for (let round = 0; round < 3; round += 1) {
    const answers = await Promise.all(agents.map((agent) => sendRequest(program.port, '/clip', { agent })));
    expect(answers.map(({ status }) => status)).toEqual(agents.map(() => 200));
  }
  agents.forEach((agent) => agent.destroy());
  await waitUntil(
    () => [...requestsByPid(program).values()].reduce((sum, count) => sum + count, 0) === 48,
    'all log lines',
  );
  expect([...requestsByPid(program).values()]).toEqual([24, 24]);
  expect(imds.credentialFetches).toBe(1);
});

test('keys that S3 refuses in both workers at once cause one fetch for the whole daemon', async () => {
  const { program, imds, rotate } = await start();
  await sendRequest(program.port, '/clip');
  rotate();
  const answers = await Promise.all(Array.from({ length: 40 }, () => sendRequest(program.port, '/clip')));
  expect(answers.every(({ status, text }) => status === 200 && text === 'the bytes of the clip')).toBe(true);
  expect(imds.credentialFetches).toBe(2);
  // The other worker has the new keys too: nothing is refused any more.
  await Promise.all(Array.from({ length: 8 }, () => sendRequest(program.port, '/clip')));
  expect(imds.credentialFetches).toBe(2);
});

test('a clock that one worker learns is known to both', async () => {
  const { program, s3 } = await start();
  s3.clock.offsetMs = 2 * 3_600_000;
  await sendRequest(program.port, '/clip');
  await waitUntil(
    () => program.logLines.some(({ clock_offset_s }) => clock_offset_s !== undefined),
    'the warning',
  );
  s3.seen.length = 0;
  for (let count = 0; count < 8; count += 1)
    expect((await sendRequest(program.port, '/clip')).status).toBe(200);
  expect(s3.seen.filter(({ verdict }) => !verdict.ok)).toEqual([]);
});

test('a worker that dies is replaced, and the other serves on meanwhile', async () => {
  const { program } = await start();
  await Promise.all(Array.from({ length: 4 }, () => sendRequest(program.port, '/clip')));
  await waitUntil(() => requestsByPid(program).size === 2, 'both workers');
  const [victim] = requestsByPid(program).keys();
  process.kill(victim as number, 'SIGKILL');
  for (let count = 0; count < 10; count += 1) {
    expect((await sendRequest(program.port, '/clip')).status).toBe(200);
  }
  await waitUntil(() => {
    void sendRequest(program.port, '/clip').catch(() => undefined);
    return requestsByPid(program).size === 3;
  }, 'a request served by the new worker');
  expect(program.logLines.some(({ msg }) => msg === 'a worker has ended; another is started')).toBe(true);
});

test('one that dies again and again is replaced after a pause that doubles, and the other serves on', async () => {
  const { program } = await start();
  const isNew = (known: readonly number[]) => (pid: number) => !known.includes(pid);
  let workers = findChildren(program.pid);
  let [victim] = workers;
  for (const pauseMs of [200, 400, 800]) {
    const killedAtMs = performance.now();
    process.kill(victim!, 'SIGKILL');
    expect((await sendRequest(program.port, '/clip')).status).toBe(200);
    await waitUntil(() => findChildren(program.pid).some(isNew(workers)), 'another worker');
    // Node's timers count whole milliseconds.
    expect(performance.now() - killedAtMs).toBeGreaterThanOrEqual(pauseMs - 2);
    victim = findChildren(program.pid).find(isNew(workers));
    workers = findChildren(program.pid);
  }
});

test('SIGHUP replaces all workers under load, and no request fails', async () => {
  const { program, imds } = await start();
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  let failures = 0;
  let isOver = false;
  const load = Array.from({ length: 8 }, async () => {
    while (!isOver) {
      const answer = await sendRequest(program.port, '/clip', { agent }).catch(() => undefined);
      // nginx, too, sends a request again when a kept connection is closed before any byte of an answer.
      const again = answer ?? (await sendRequest(program.port, '/clip').catch(() => undefined));
      if (again?.status !== 200) failures += 1;
    }
  });
  await waitUntil(() => requestsByPid(program).size === 2, 'both workers');
  const before = new Set(requestsByPid(program).keys());
  program.signal('SIGHUP');
  await waitUntil(
    () => [...requestsByPid(program).keys()].filter((pid) => !before.has(pid)).length === 2,
    'two new workers',
    20_000,
  );
  isOver = true;
  await Promise.all(load);
  agent.destroy();
  expect(failures).toBe(0);
  expect(imds.credentialFetches).toBe(2);
});

test('SIGTERM lets a download in a worker end, and the exit code is 0', async () => {
  const { program, s3 } = await start();
  s3.put('long', { size: 4_000_000 });
  s3.inject({ kind: 'stall', at: 1_000_000 }, { key: 'long' });
  const download = sendRequest(program.port, '/long');
  await s3.waitFor(() => s3.seen.some(({ state }) => state === 'stalled'), 'the stall');
  program.signal('SIGTERM');
  await waitUntil(() => program.logLines.some(({ msg }) => msg === 'draining'), 'the drain');
  s3.release();
  const { status, body, isComplete } = await download;
  expect([status, body.length, isComplete]).toEqual([200, 4_000_000, true]);
  expect(await program.exited).toBe(0);
});

test('a second signal ends all workers at once', async () => {
  const { program, s3 } = await start();
  s3.inject({ kind: 'stall', at: 'before-head' });
  const cut = sendRequest(program.port, '/clip').catch((error: unknown) => error);
  await s3.waitFor(() => s3.seen.length === 1, 'the request');
  program.signal('SIGTERM');
  await waitUntil(() => program.logLines.some(({ msg }) => msg === 'draining'), 'the drain');
  program.signal('SIGTERM');
  expect(await program.exited).toBe(143);
  expect(await cut).toBeInstanceOf(Error);
});

test('workers whose supervisor is killed end by themselves', async () => {
  const { program } = await start();
  await Promise.all(Array.from({ length: 4 }, () => sendRequest(program.port, '/clip')));
  await waitUntil(() => requestsByPid(program).size === 2, 'both workers');
  const pids = [...requestsByPid(program).keys()] as number[];
  program.signal('SIGKILL');
  await waitUntil(() => pids.every((pid) => !isAlive(pid)), 'the end of the workers');
});

test('two workers share a unix socket with the configured mode, and it is gone at the end', async () => {
  const directory = mkdtempSync(join(tmpdir(), 's3-helper-workers-'));
  const path = join(directory, 'socket');
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const { program } = await start(`listen: unix:${path}\n`);
  expect(program.addresses).toEqual([`unix:${path}`]);
  await Promise.all(Array.from({ length: 8 }, () => sendRequest(path, '/clip')));
  await waitUntil(() => requestsByPid(program).size === 2, 'both workers');
});

test('an address that is taken ends the start with 69 and one sentence', async () => {
  const { program } = await start();
  const second = startProgram({
    yaml: `workers: 2\nlisten: 127.0.0.1:${program.port}\ns3: {bucket: media, region: eu-west-1}\n`,
    environment: { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' },
  });
  await expect(second).rejects.toThrow(
    /ended with 69 .*s3-helper: cannot listen on 127\.0\.0\.1:\d+: another process listens there\n$/s,
  );
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

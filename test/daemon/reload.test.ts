import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { FAKE_CREDENTIAL, type FakeS3, startFakeS3 } from '../servers/fake-s3.ts';
import { pickFreePort } from '../support/free-ports.ts';
import { useScene } from '../support/open-scene.ts';
import { sendRequest } from '../support/send-request.ts';
import { HELD_BYTES, startHeldDownload } from '../support/start-held-download.ts';
import { waitUntil, withDeadline } from '../support/with-deadline.ts';

const scene = useScene();

beforeEach(() => {
  scene.s3.put('a', 'old object');
});

/** Another S3, and the settings that lead to it. */
async function startOtherS3() {
  const s3: FakeS3 = await startFakeS3({ bucket: 'archive', credentials: [FAKE_CREDENTIAL] });
  onTestFinished(() => s3.close());
  s3.put('a', 'new object');
  return { s3, settings: { 's3.endpoint': s3.endpoint, 's3.bucket': s3.bucket } };
}

function startDownload() {
  return startHeldDownload(scene.s3, scene.connect());
}

function makeSocketPath(): string {
  const directory = mkdtempSync(join(tmpdir(), 's3-helper-reload-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return join(directory, 'proxy.sock');
}

describe('Another bucket', () => {
  test('is served from the next request on, over the same connection.', async () => {
    const other = await startOtherS3();
    const connection = scene.connect().get('/a');
    expect((await connection.readResponse()).body.toString()).toBe('old object');
    await scene.proxy.reload({ settings: other.settings });
    expect((await connection.get('/a').readResponse()).body.toString()).toBe('new object');
    expect(other.s3.seen).toMatchObject([{ verdict: { ok: true } }]);
    expect(scene.proxy.reports.map(({ bucket }) => bucket)).toEqual(['media', 'archive']);
  });

  test('leaves a response that is under way alone; its S3 is let go when it has ended, and not before.', async () => {
    const other = await startOtherS3();
    const download = await startDownload();
    await scene.proxy.reload({ settings: other.settings });
    expect((await scene.ask('/a')).text).toBe('new object');
    expect(scene.proxy.retired).toEqual([]);
    expect(scene.s3.openConnections()).toBe(1);
    expect(scene.proxy.daemon.readState()).toMatchObject({ requestsInFlight: 1, connections: { busy: 1 } });
    scene.s3.release();
    expect((await download.readResponse()).body.length).toBe(HELD_BYTES);
    await waitUntil(() => scene.proxy.retired.length === 1, 'the end of the old configuration');
    expect(scene.proxy.retired[0]?.routes[0]?.s3.bucket).toBe('media');
    await scene.s3.waitFor(
      () => scene.s3.openConnections() === 0,
      'the end of the connections to the old S3',
    );
    expect((await download.get('/a').readResponse()).body.toString()).toBe('new object');
  });

  test('ten times over leaves nothing of the nine before.', async () => {
    for (let count = 0; count < 10; count += 1) {
      await scene.proxy.reload({ settings: { 's3.prefix': `folder-${count}` } });
      scene.s3.put(`folder-${count}/a`, `object ${count}`);
      expect((await scene.ask('/a')).text).toBe(`object ${count}`);
    }
    await waitUntil(() => scene.proxy.retired.length === 10, 'the end of all old configurations');
    await scene.s3.waitFor(() => scene.s3.openConnections() === 1, 'one connection');
    expect(scene.proxy.daemon.readState().connections.open).toBe(1);
  });
});

test('Routes come and go.', async () => {
  const { s3 } = scene;
  s3.put('films/b', 'film');
  expect((await scene.ask('/films/b')).text).toBe('film');
  const routes = `[{path: /avod/, bucket: ${s3.bucket}, prefix: films}]`;
  await scene.proxy.reload({ routes });
  expect((await scene.ask('/avod/b')).text).toBe('film');
  await scene.proxy.reload({});
  expect((await scene.ask('/avod/b')).status).toBe(404);
});

test('Hosts, times and limits hold from then on, those of requests under way stay.', async () => {
  const headers = { Host: 'media.example.com' };
  expect((await scene.ask('/a', { headers })).status).toBe(421);
  await scene.proxy.reload({ settings: { allowed_hosts: 'media.example.com' } });
  expect((await scene.ask('/a', { headers })).status).toBe(200);

  const download = await startDownload();
  const bounds = { 'limits.max_requests': '1', 'limits.max_queued': '0', 'timeouts.first_byte': '100ms' };
  await scene.proxy.reload({ settings: bounds });
  // The download from before counts.
  expect((await scene.ask('/a')).status).toBe(503);
  scene.s3.release();
  await download.readResponse();
  scene.s3.inject({ kind: 'stall', at: 'before-head' }, { key: 'a' });
  const startedAtMs = performance.now();
  expect((await scene.ask('/a')).status).toBe(504);
  expect(performance.now() - startedAtMs).toBeLessThan(1500);
});

test('A lower limit lets go of what is over it, and a higher one lets in who waits.', async () => {
  scene.s3.put('big', { size: HELD_BYTES });
  const stall = { kind: 'stall', at: 100_000 } as const;
  const start = () => {
    scene.s3.inject(stall, { key: 'big' });
    return scene.connect().get('/big');
  };
  const two = [start(), start()];
  await Promise.all(two.map((one) => one.until(() => one.receivedBytes > 50_000, 'the first part')));
  await scene.proxy.reload({ settings: { 'limits.max_requests': '1', 'limits.queue_time': '10s' } });
  const waiting = scene.ask('/a');
  await waitUntil(() => scene.proxy.daemon.readState().requestsQueued === 1, 'the one that waits');
  await scene.proxy.reload({ settings: { 'limits.max_requests': '3' } });
  expect((await waiting).status).toBe(200);
  scene.s3.release();
  await Promise.all(two.map((one) => one.readResponse()));
});

describe('Addresses', () => {
  test('that stay are not closed, even for a moment; new ones serve, and those that go let their answers end.', async () => {
    const port = await pickFreePort();
    const path = makeSocketPath();
    const [first] = scene.proxy.addresses;
    await scene.proxy.reload({ settings: { listen: `127.0.0.1:0,127.0.0.1:${port}` } });
    expect((await sendRequest(port, '/a')).text).toBe('old object');
    const kept = scene.connect().get('/a');
    await kept.readResponse();
    const leaving = await startDownload();

    const addresses = await scene.proxy.reload({ settings: { listen: `127.0.0.1:${port},unix:${path}` } });
    expect(addresses).toEqual([`127.0.0.1:${port}`, `unix:${path}`]);
    expect((await sendRequest(path, '/a')).text).toBe('old object');
    await expect(scene.ask('/a')).rejects.toThrow(/ECONNREFUSED/);
    expect(await kept.untilClosed()).toBe('fin');
    scene.s3.release();
    expect((await leaving.readResponse()).body.length).toBe(HELD_BYTES);
    // One that is still there is served once more.
    const last = await leaving.get('/a').readResponse();
    expect([last.status, last.header('connection')]).toEqual([200, 'close']);

    await scene.proxy.reload({ settings: { listen: `127.0.0.1:${port}` } });
    expect(existsSync(path)).toBe(false);
    expect(first).toMatch(/^127\.0\.0\.1:\d+$/);
  });

  test('of which one is taken leave all as it was.', async () => {
    const path = makeSocketPath();
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    onTestFinished(() => void taken.close());
    const { port } = taken.address() as AddressInfo;
    const other = await startOtherS3();
    const listen = `127.0.0.1:0,unix:${path},127.0.0.1:${port}`;
    await expect(scene.proxy.reload({ settings: { ...other.settings, listen } })).rejects.toThrow(
      `cannot listen on 127.0.0.1:${port}: another process listens there`,
    );
    expect(existsSync(path)).toBe(false);
    expect((await scene.ask('/a')).text).toBe('old object');
    await scene.proxy.reload({ settings: { listen: `127.0.0.1:0,unix:${path}` } });
    expect((await sendRequest(path, '/a')).text).toBe('old object');
  });

  test('that overlap with one that is open need a restart, and say so.', async () => {
    const port = await pickFreePort();
    await scene.proxy.reload({ settings: { listen: `127.0.0.1:${port}` } });
    const settings = { listen: `0.0.0.0:${port}`, allow_remote: 'true' };
    await expect(scene.proxy.reload({ settings })).rejects.toThrow(
      `cannot listen on 0.0.0.0:${port} beside 127.0.0.1:${port}, which is open; this change needs a restart`,
    );
    expect((await sendRequest(port, '/a')).status).toBe(200);
  });

  test('on a unix socket take a new mode without being opened anew.', async () => {
    const path = makeSocketPath();
    await scene.proxy.reload({ settings: { listen: `unix:${path}` } });
    const { ino } = statSync(path);
    await scene.proxy.reload({ settings: { listen: `unix:${path}`, socket_mode: '0600' } });
    expect([statSync(path).ino, statSync(path).mode & 0o777]).toEqual([ino, 0o600]);
  });
});

test('What cannot be put together leaves all as it was.', async () => {
  const directory = mkdtempSync(join(tmpdir(), 's3-helper-reload-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  // Readable when it is checked, and no file when it is read.
  const settings = { 's3.ca': directory };
  await expect(scene.proxy.reload({ settings })).rejects.toThrow('EISDIR');
  expect((await scene.ask('/a')).text).toBe('old object');
  expect(scene.proxy.retired).toEqual([]);
});

test('A reload during the drain is refused, and the drain goes on.', async () => {
  const download = await startDownload();
  const drained = scene.proxy.daemon.drain(10_000);
  await expect(scene.proxy.reload({})).rejects.toThrow('the daemon is stopping');
  scene.s3.release();
  await download.readResponse();
  expect(await withDeadline(drained, 'the drain')).toBe(0);
});

test('A drain waits for the responses of all configurations, and cuts them at its deadline.', async () => {
  const downloads = [await startDownload()];
  await scene.proxy.reload({ settings: { 'timeouts.client_stall': '30s' } });
  downloads.push(await startDownload());
  const drained = scene.proxy.daemon.drain(10_000);
  expect(await scene.proxy.daemon.drain(100)).toBe(2);
  expect(await drained).toBe(0);
  for (const download of downloads) await download.untilClosed();
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FakeS3, startFakeS3 } from '../servers/fake-s3.ts';
import { Connection } from '../support/connection.ts';
import { toProxyOptions } from '../support/open-scene.ts';
import { sendRequest } from '../support/send-request.ts';
import { startProxy, type TestProxy } from '../support/start-proxy.ts';

let s3: FakeS3;
let directory: string;
let socketPath: string;
const proxies: TestProxy[] = [];

beforeEach(async () => {
  s3 = await startFakeS3();
  s3.put('a', 'object');
  directory = mkdtempSync(join(tmpdir(), 's3-helper-listeners-'));
  socketPath = join(directory, 'proxy.sock');
});
afterEach(async () => {
  await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
  await s3.close();
  rmSync(directory, { recursive: true });
});

async function listen(address: string, settings: Record<string, string> = {}): Promise<TestProxy> {
  const proxy = await startProxy(toProxyOptions(s3, { settings: { listen: address, ...settings } }));
  proxies.push(proxy);
  return proxy;
}

describe('A unix socket', () => {
  test('serves like any other, over a kept connection too, whatever the Host.', async () => {
    const proxy = await listen(`unix:${socketPath}`);
    expect(proxy.addresses).toEqual([`unix:${socketPath}`]);
    expect(await sendRequest(socketPath, '/a')).toMatchObject({ status: 200, text: 'object' });
    const connection = new Connection(socketPath);
    for (let round = 0; round < 3; round += 1) {
      expect(await connection.get('/a').readResponse()).toMatchObject({ status: 200 });
    }
    connection.destroy();
    expect(await sendRequest(socketPath, '/a', { headers: { Host: 'evil.example' } })).toMatchObject({
      status: 421,
    });
  });

  test('cuts a short body visibly.', async () => {
    await listen(`unix:${socketPath}`);
    s3.inject({ kind: 'reset', at: 3 });
    expect(await sendRequest(socketPath, '/a')).toMatchObject({ status: 200, isComplete: false });
    s3.inject({ kind: 'reset', at: 3 });
    const old = new Connection(socketPath).send('GET /a HTTP/1.0\r\n\r\n');
    await old.untilClosed();
    expect(old.received.toString()).toMatch(/Content-Length: 6\r\n[^]*\r\n\r\nobj$/);
  });

  test.each([
    ['0660', 0o660],
    ['0600', 0o600],
    ['0666', 0o666],
  ])('has the mode %s.', async (written, mode) => {
    await listen(`unix:${socketPath}`, { socket_mode: written });
    expect(statSync(socketPath).mode & 0o777).toBe(mode);
  });

  test('is gone after the end.', async () => {
    await (await listen(`unix:${socketPath}`)).close();
    expect(existsSync(socketPath)).toBe(false);
  });

  test('that a crash has left over is replaced.', async () => {
    await leaveSocket(socketPath);
    expect(statSync(socketPath).isSocket()).toBe(true);
    await listen(`unix:${socketPath}`);
    expect(await sendRequest(socketPath, '/a')).toMatchObject({ status: 200 });
  });

  test('on which another process listens is left to it.', async () => {
    await listen(`unix:${socketPath}`);
    await expect(listen(`unix:${socketPath}`)).rejects.toThrow(/unix:.*another process listens there/);
    expect(await sendRequest(socketPath, '/a')).toMatchObject({ status: 200 });
  });

  test('of a process that is too busy to accept is left to it.', async () => {
    const busy = spawnBusyListener(socketPath);
    await once(busy.stdout, 'data');
    const waiting = [new Connection(socketPath), new Connection(socketPath), new Connection(socketPath)];
    await once(waiting[0]!.socket, 'connect');
    await expect(listen(`unix:${socketPath}`)).rejects.toThrow(/another process listens there/);
    expect(existsSync(socketPath)).toBe(true);
    waiting.forEach((connection) => connection.destroy());
    busy.kill('SIGKILL');
    await once(busy, 'exit');
  });

  test('is never made in the place of another file.', async () => {
    writeFileSync(socketPath, 'precious');
    await expect(listen(`unix:${socketPath}`)).rejects.toThrow(/is no socket/);
    expect(readFileSync(socketPath, 'utf8')).toBe('precious');
    symlinkSync(socketPath, `${socketPath}.link`);
    await expect(listen(`unix:${socketPath}.link`)).rejects.toThrow(/is no socket/);
    await expect(listen(`unix:${directory}`)).rejects.toThrow(/is no socket/);
    expect(readFileSync(socketPath, 'utf8')).toBe('precious');
  });

  test('in a directory that is not there is one sentence.', async () => {
    await expect(listen(`unix:${directory}/none/proxy.sock`)).rejects.toThrow(
      /^cannot listen on unix:.*: the directory does not exist$/,
    );
  });
});

describe('A TCP listener', () => {
  test('on the loopback address of IPv6 serves.', async () => {
    const proxy = await listen('[::1]:0');
    expect(proxy.addresses[0]).toMatch(/^\[::1\]:\d+$/);
    const connection = new Connection({ host: '::1', port: proxy.port });
    connection.send(`GET /a HTTP/1.1\r\nHost: [::1]:${proxy.port}\r\n\r\n`);
    expect(await connection.readResponse()).toMatchObject({ status: 200, text: 'object' });
    connection.destroy();
  });

  test('on a port that is taken is one sentence.', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await expect(listen(`127.0.0.1:${port}`)).rejects.toThrow(
      `cannot listen on 127.0.0.1:${port}: another process listens there`,
    );
    other.close();
  });

  test('beside a unix socket and another one serves the same.', async () => {
    const proxy = await listen(`127.0.0.1:0,[::1]:0,unix:${socketPath}`);
    expect(proxy.addresses).toHaveLength(3);
    const ports = proxy.addresses.slice(0, 2).map((address) => Number(/:(\d+)$/.exec(address)?.[1]));
    expect(await sendRequest(ports[0]!, '/a')).toMatchObject({ status: 200 });
    expect(await sendRequest(socketPath, '/a')).toMatchObject({ status: 200 });
    const connection = new Connection({ host: '::1', port: ports[1]! }).get('/a', 'Connection: close');
    expect(await connection.readResponse()).toMatchObject({ status: 200 });
    expect(proxy.reports).toHaveLength(3);
  });

  test('that fails ends those beside it.', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await expect(listen(`unix:${socketPath},127.0.0.1:${port}`)).rejects.toThrow(
      /another process listens there/,
    );
    expect(existsSync(socketPath)).toBe(false);
    other.close();
  });
});

/** Leaves a socket's file behind, as a process does that is killed. */
async function leaveSocket(path: string): Promise<void> {
  const child = spawn(process.execPath, ['-e', LISTEN, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
}

const LISTEN = "require('net').createServer().listen(process.argv[1], () => console.log('listening'))";

/** Listens, and then never gets round to accept; its backlog holds one or two connections. */
function spawnBusyListener(path: string) {
  const listenAndHang =
    "require('net').createServer().listen({ path: process.argv[1], backlog: 1 }, () => {" +
    "require('fs').writeSync(1, 'listening'); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); })";
  return spawn(process.execPath, ['-e', listenAndHang, path], { stdio: ['ignore', 'pipe', 'inherit'] });
}

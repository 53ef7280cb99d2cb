import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startProxy } from '../support/start-proxy.ts';
import { toProxyOptions } from '../support/open-scene.ts';
import { diagnoseHere, toSettings } from './diagnose-here.ts';
import { useS3 } from './use-s3.ts';

const s3 = useS3();

async function lookAt(listen: string, more: Readonly<Record<string, string>> = {}) {
  const { results } = await diagnoseHere({ settings: toSettings(s3.current, { listen, ...more }) });
  return results.filter(({ check }) => check === 'listen');
}

/** @param port - 0 takes a free one. @returns it */
async function listenWith(server: Server, port = 0): Promise<number> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

function makeDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 's3-helper-doctor-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return directory;
}

test('a running s3-helper on the address is good', async () => {
  const proxy = await startProxy(toProxyOptions(s3.current));
  onTestFinished(() => proxy.close());
  expect(await lookAt(`127.0.0.1:${proxy.port}`)).toMatchObject([
    { status: 'ok', says: 'held by a running s3-helper, loopback', facts: { is_running: true } },
  ]);
});

test('a free address is good, and is free again afterwards', async () => {
  const server = createServer();
  const port = await listenWith(server);
  server.close();
  await once(server, 'close');
  expect(await lookAt(`127.0.0.1:${port}`)).toMatchObject([{ status: 'ok', says: 'free, loopback' }]);
  expect(await listenWith(createServer(), port)).toBe(port);
});

test('a web server that is no s3-helper must go, or the address', async () => {
  const port = await listenWith(
    createHttpServer((_, response) => response.writeHead(404).end('no')),
    0,
  );
  expect(await lookAt(`127.0.0.1:${port}`)).toMatchObject([
    {
      status: 'fail',
      says: 'something that is no s3-helper answers there (status 404)',
      fix: expect.stringMatching(/ss -ltnp.+another address in listen/) as string,
    },
  ]);
});

test('so must something that speaks no HTTP', async () => {
  const port = await listenWith(
    createServer((socket) => socket.on('error', () => undefined).end('hello\r\n')),
  );
  expect(await lookAt(`127.0.0.1:${port}`)).toMatchObject([
    { status: 'fail', says: expect.stringContaining('something that is no s3-helper') as string },
  ]);
});

test('an address that this machine does not have', async () => {
  // TEST-NET-1 (RFC 5737) is nobody's.
  expect(await lookAt('192.0.2.1:8080', { allow_remote: 'true' })).toMatchObject([
    {
      status: 'fail',
      says: 'this machine has no such address',
      fix: expect.stringContaining('see what it has with ip addr') as string,
    },
  ]);
});

test('an address that other machines reach is a warning', async () => {
  expect(await lookAt('0.0.0.0:0', { allow_remote: 'true' })).toMatchObject([
    {
      status: 'warn',
      says: expect.stringContaining('other machines can reach it') as string,
      fix: expect.stringContaining('listen on 127.0.0.1') as string,
    },
  ]);
});

test('the directory of a unix socket must exist', async () => {
  expect(await lookAt('unix:/nonexistent/s3-helper.sock')).toMatchObject([
    {
      status: 'fail',
      says: 'the directory of the socket does not exist',
      fix: expect.stringContaining('RuntimeDirectory=s3-helper') as string,
    },
  ]);
});

test('a file in the way of a unix socket', async () => {
  const path = join(makeDirectory(), 'socket');
  writeFileSync(path, '');
  expect(await lookAt(`unix:${path}`)).toMatchObject([
    {
      status: 'fail',
      says: 'a file that is no socket is in the way',
      fix: expect.stringContaining('remove it') as string,
    },
  ]);
});

test('a unix socket that only its user can connect to', async () => {
  const path = join(makeDirectory(), 'socket');
  expect(await lookAt(`unix:${path}`, { socket_mode: '0600' })).toMatchObject([
    {
      status: 'warn',
      says: 'free, but with mode 0600 only its own user can connect',
      fix: expect.stringContaining('socket_mode: 0660') as string,
    },
  ]);
  expect(await lookAt(`unix:${path}`)).toMatchObject([{ status: 'ok', says: 'free, mode 0660' }]);
});

test('a unix socket of a running daemon, and after its end', async () => {
  const path = join(makeDirectory(), 'socket');
  const proxy = await startProxy(toProxyOptions(s3.current, { settings: { listen: `unix:${path}` } }));
  expect(await lookAt(`unix:${path}`)).toMatchObject([
    { status: 'ok', says: 'held by a running s3-helper, mode 0660' },
  ]);
  await proxy.close();
  expect(await lookAt(`unix:${path}`)).toMatchObject([{ status: 'ok', says: 'free, mode 0660' }]);
});

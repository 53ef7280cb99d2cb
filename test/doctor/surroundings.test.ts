import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createSocketServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { pickFreePort } from '../support/free-ports.ts';
import { toProxyOptions } from '../support/open-scene.ts';
import { startProxy } from '../support/start-proxy.ts';
import { diagnoseHere, toSettings } from './diagnose-here.ts';
import { useS3 } from './use-s3.ts';

const s3 = useS3();

describe('statsd:', () => {
  const look = async (address: string) => {
    const { of } = await diagnoseHere({ settings: toSettings(s3.current, { 'statsd.address': address }) });
    return of('statsd');
  };

  test('a server takes what is sent, which is no metric', async () => {
    const socket = createSocket('udp4');
    onTestFinished(() => void socket.close());
    const received: Buffer[] = [];
    socket.on('message', (message) => received.push(message));
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const { port } = socket.address();
    expect(await look(`127.0.0.1:${port}`)).toMatchObject({ status: 'ok', subject: `127.0.0.1:${port}` });
    expect(received.map((message) => message.length)).toEqual([0]);
  });

  test('nobody listens', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const { port } = socket.address();
    socket.close();
    expect(await look(`127.0.0.1:${port}`)).toMatchObject({
      status: 'warn',
      says: 'nobody takes metrics there (ECONNREFUSED)',
      fix: expect.stringContaining('LoadPlugin statsd') as string,
    });
  });

  test('a host that does not exist', async () => {
    expect(await look('statsd.s3-helper-doctor.invalid:8125')).toMatchObject({
      status: 'warn',
      says: expect.stringMatching(
        /^there is no statsd\.s3-helper-doctor\.invalid \((?:ENOTFOUND|EAI_AGAIN)\)/,
      ) as string,
      fix: 'correct statsd.address',
    });
  });

  test('a unix socket that is not there, and one that is', async () => {
    const directory = mkdtempSync(join(tmpdir(), 's3-helper-doctor-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const path = join(directory, 'statsd');
    expect(await look(`unix:${path}`)).toMatchObject({ status: 'warn', says: 'there is no such socket' });
    const server = createSocketServer().listen(path);
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    expect(await look(`unix:${path}`)).toMatchObject({ status: 'ok' });
  });

  test('is not looked for where it is not configured', async () => {
    const { results } = await diagnoseHere({ settings: toSettings(s3.current) });
    expect(results.map(({ check }) => check)).not.toContain('statsd');
  });
});

describe('the admin listener:', () => {
  async function listenWith(answer: RequestListener): Promise<string> {
    const server = createServer(answer).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  const look = async (address: string, listen = '127.0.0.1:0') => {
    const settings = toSettings(s3.current, { 'admin.listen': address, listen });
    return (await diagnoseHere({ settings })).of('admin');
  };

  const answerHealth =
    (code: number, document: object): RequestListener =>
    (request, response) =>
      response.writeHead(request.url === '/readyz' ? code : 404).end(JSON.stringify(document));

  test('says that the daemon is ready', async () => {
    const address = await listenWith(answerHealth(200, { status: 'pass', checks: [] }));
    expect(await look(address)).toMatchObject({ status: 'ok', subject: address, says: 'ready' });
  });

  test('says that the daemon is ready and degraded', async () => {
    const checks = [
      { name: 'listening', status: 'pass', text: 'The daemon listens.' },
      { name: 'expiry', status: 'warn', text: 'The credentials are past their expiry.' },
    ];
    const address = await listenWith(answerHealth(200, { status: 'warn', checks }));
    expect(await look(address)).toMatchObject({
      status: 'warn',
      says: 'ready, but: The credentials are past their expiry.',
      fix: expect.stringContaining('the status page') as string,
    });
  });

  test('says that the daemon is not ready', async () => {
    const checks = [{ name: 'credentials', status: 'fail', text: 'There are no credentials.' }];
    const address = await listenWith(answerHealth(503, { status: 'fail', checks }));
    expect(await look(address)).toMatchObject({
      status: 'fail',
      says: 'not ready: There are no credentials.',
    });
  });

  test('is something else', async () => {
    const address = await listenWith((_, response) => response.end('<html>Welcome</html>'));
    expect(await look(address)).toMatchObject({
      status: 'fail',
      says: 'something that is no s3-helper answers there (status 200)',
      fix: expect.stringContaining('another address in admin.listen') as string,
    });
  });

  test('is free where no daemon runs', async () => {
    expect(await look(`127.0.0.1:${await pickFreePort()}`)).toMatchObject({
      status: 'ok',
      says: 'free, as no s3-helper runs',
    });
  });

  test('is missing where one runs', async () => {
    const proxy = await startProxy(toProxyOptions(s3.current));
    onTestFinished(() => proxy.close());
    const found = await look(`127.0.0.1:${await pickFreePort()}`, `127.0.0.1:${proxy.port}`);
    expect(found).toMatchObject({
      status: 'fail',
      says: 'nobody answers there (ECONNREFUSED), and s3-helper runs',
      fix: expect.stringContaining('restart the daemon with this configuration') as string,
    });
  });
});

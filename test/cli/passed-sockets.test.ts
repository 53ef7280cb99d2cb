import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, linkSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { FAKE_CREDENTIAL, startFakeS3 } from '../servers/fake-s3.ts';
import { sendRequest } from '../support/send-request.ts';
import { startProgram } from '../support/start-program.ts';
import { waitUntil, withDeadline } from '../support/with-deadline.ts';
import { COMPILED } from '../support/compiled.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');
const KEYS = {
  AWS_ACCESS_KEY_ID: FAKE_CREDENTIAL.accessKeyId,
  AWS_SECRET_ACCESS_KEY: FAKE_CREDENTIAL.secretAccessKey,
  AWS_SESSION_TOKEN: FAKE_CREDENTIAL.sessionToken ?? '',
  AWS_EC2_METADATA_DISABLED: 'true',
};

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 's3-helper-passed-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

async function listen(where: object): Promise<Server> {
  const server = createServer().listen(where);
  await once(server, 'listening');
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** The program with these sockets, which nobody else accepts from any more. */
async function start(passed: readonly Server[], yaml: string) {
  const s3 = await startFakeS3();
  s3.put('a', 'object');
  const program = await startProgram({
    yaml: `s3: {bucket: ${s3.bucket}, region: ${s3.region}, endpoint: "${s3.endpoint}"}\n${yaml}`,
    environment: KEYS,
    passed,
  });
  onTestFinished(async () => {
    await program.stop();
    await s3.close();
  });
  return program;
}

describe.each([1, 2])('With workers: %i,', (workers) => {
  test('sockets that are handed over are served, beside one that is not.', async () => {
    const path = join(makeFolder(), 'socket');
    const servers = [await listen({ port: 0, host: '127.0.0.1' }), await listen({ port: 0, host: '::1' })];
    const [tcp, tcp6] = servers.map(portOf);
    const listens = `["127.0.0.1:${tcp}", "[0::1]:${tcp6}", "unix:${path}.other"]`;
    const program = await start(servers, `workers: ${workers}\nlisten: ${listens}\n`);
    for (const server of servers) server.close();
    expect(program.addresses).toEqual([`127.0.0.1:${tcp}`, `[0::1]:${tcp6}`, `unix:${path}.other`]);
    for (let count = 0; count < 4; count += 1) {
      expect((await sendRequest(tcp!, '/a')).text).toBe('object');
      expect((await sendRequest(`${path}.other`, '/a')).text).toBe('object');
    }
    expect(await program.stop()).toBe(0);
    await expect(sendRequest(tcp!, '/a')).rejects.toThrow(/ECONNREFUSED/);
    expect(existsSync(`${path}.other`)).toBe(false);
  });

  test('a unix socket that is handed over keeps its mode, and its file outlives the program.', async () => {
    const path = join(makeFolder(), 'socket');
    const server = await listen({ path });
    const { mode, ino } = statSync(path);
    const program = await start([server], `workers: ${workers}\nsocket_mode: 0600\nlisten: unix:${path}\n`);
    // This process lets go of the socket, and would take its file along.
    linkSync(path, `${path}.kept`);
    server.close();
    renameSync(`${path}.kept`, path);
    expect((await sendRequest(path, '/a')).text).toBe('object');
    program.signal('SIGHUP');
    await waitUntil(
      () => program.logLines.some(({ msg }) => msg === 'the configuration was reloaded'),
      'the reload',
    );
    expect((await sendRequest(path, '/a')).text).toBe('object');
    expect(await program.stop()).toBe(0);
    expect(statSync(path)).toMatchObject({ mode, ino });
  });

  test('a reload cannot give up a socket that is handed over.', async () => {
    const server = await listen({ port: 0, host: '127.0.0.1' });
    const port = portOf(server);
    const program = await start([server], `workers: ${workers}\nlisten: 127.0.0.1:${port}\n`);
    server.close();
    writeFileSync(program.configFile, 's3: {bucket: media, region: eu-west-1}\nlisten: 127.0.0.1:0\n');
    program.signal('SIGHUP');
    await waitUntil(() => program.logLines.some(({ reasons }) => reasons !== undefined), 'the refusal');
    expect(program.logLines.find(({ reasons }) => reasons !== undefined)?.['reasons']).toEqual([
      explain(`127.0.0.1:${port}`, '127.0.0.1:0'),
    ]);
    expect((await sendRequest(port, '/a')).text).toBe('object');
  });
});

test('A socket that is not in listen ends the start with 78 and one sentence.', async () => {
  const server = await listen({ port: 0, host: '127.0.0.1' });
  onTestFinished(() => void server.close());
  await expect(start([server], 'listen: ["127.0.0.1:0", "unix:/run/a.sock"]\n')).rejects.toThrow(
    `ended with 78 before it listened: s3-helper: ${explain(`127.0.0.1:${portOf(server)}`, '127.0.0.1:0, unix:/run/a.sock')}\n`,
  );
});

test('What is no listening socket ends the start with 78 and one sentence.', async () => {
  const [code, errors] = await run('exec 3</dev/null; LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"');
  expect([code, errors]).toEqual([
    78,
    's3-helper: descriptor 3, which the service manager handed over, is no listening socket of TCP or unix streams; ' +
      'the socket unit needs ListenStream= and Accept=no\n',
  ]);
});

test('Sockets that are meant for another process are none of ours.', async () => {
  const taken = await listen({ port: 0, host: '127.0.0.1' });
  onTestFinished(() => void taken.close());
  const address = `127.0.0.1:${portOf(taken)}`;
  // It gets as far as opening an address of its own.
  const line = `exec 3</dev/null; LISTEN_FDS=1 LISTEN_PID=1 exec "$@" --listen=${address}`;
  expect(await run(line)).toEqual([
    69,
    `s3-helper: cannot listen on ${address}: another process listens there\n`,
  ]);
});

function explain(passed: string, wanted: string): string {
  return (
    `listen: the service manager hands over a socket on ${passed}, and listen is ${wanted}; ` +
    'write the same in both (ListenStream= of the socket unit)'
  );
}

/** Runs the program by a shell's line, until it ends. */
async function run(line: string): Promise<[code: number | null, errors: string]> {
  const settings = ['--config=/dev/null', '--s3-bucket=media', '--s3-region=eu-west-1'];
  const child = spawn('sh', ['-c', line, 'sh', process.execPath, MAIN, ...settings], {
    env: { PATH: process.env['PATH'], ...COMPILED, ...KEYS },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const errors = text(child.stderr);
  const closed = once(child, 'close');
  const timer = setTimeout(() => child.kill('SIGKILL'), 9_000);
  await withDeadline(closed, 'the end of the program');
  clearTimeout(timer);
  return [child.exitCode, await errors];
}
